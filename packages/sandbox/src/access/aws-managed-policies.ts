/** Policies that AWS keeps ready in every account, as far as the sandbox knows them. */
export const awsManagedPolicies: ReadonlyMap<string, string> = new Map([
  awsManaged('AdministratorAccess', [{ Effect: 'Allow', Action: '*', Resource: '*' }]),
  awsManaged('AmazonS3FullAccess', [
    { Effect: 'Allow', Action: ['s3:*', 's3-object-lambda:*'], Resource: '*' },
  ]),
  awsManaged('AmazonS3ReadOnlyAccess', [
    {
      Effect: 'Allow',
      Action: [
        's3:Get*',
        's3:List*',
        's3:Describe*',
        's3-object-lambda:Get*',
        's3-object-lambda:List*',
      ],
      Resource: '*',
    },
  ]),
]);

function awsManaged(name: string, statements: readonly unknown[]): [string, string] {
  const document = { Version: '2012-10-17', Statement: statements };
  return [`arn:aws:iam::aws:policy/${name}`, JSON.stringify(document)];
}
