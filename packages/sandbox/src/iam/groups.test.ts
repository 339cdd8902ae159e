import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteUserCommand,
  GetGroupCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, iamOf, policy, root, s3Of } from '../testing/clients.ts';

const listsBuckets = policy({ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' });
let sandbox: Sandbox;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  iam = iamOf(sandbox, root.acme);
});
after(() => sandbox.close());

describe('groups', () => {
  it('lend their policies to their members', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'member', []);
    const GroupName = 'readers';
    await iam.send(new CreateGroupCommand({ GroupName }));
    await iam.send(
      new PutGroupPolicyCommand({ GroupName, PolicyName: 'list', PolicyDocument: listsBuckets }),
    );
    const list = () => s3Of(sandbox, credentials).send(new ListBucketsCommand({}));

    const before = await failureOf(list());
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'member' }));
    await list();
    const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName: 'member' }));
    const { Users, Group } = await iam.send(new GetGroupCommand({ GroupName }));
    const { PolicyNames } = await iam.send(new ListGroupPoliciesCommand({ GroupName }));
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName: 'member' }));
    const afterwards = await failureOf(list());

    assert.equal(before.code, 'AccessDenied');
    assert.deepEqual(
      Groups?.map((group) => group.GroupName),
      ['readers'],
    );
    assert.match(Group?.GroupId ?? '', /^AGPA/);
    assert.deepEqual(
      Users?.map((user) => user.UserName),
      ['member'],
    );
    assert.deepEqual(PolicyNames, ['list']);
    assert.equal(afterwards.code, 'AccessDenied');
  });

  it('are not deleted with members or policies, nor their members with them', async () => {
    const GroupName = 'kept';
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    await iam.send(new CreateGroupCommand({ GroupName, Path: '/teams/' }));
    await iam.send(new CreateUserCommand({ UserName: 'grouped' }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'grouped' }));
    await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));

    const { AttachedPolicies } = await iam.send(
      new ListAttachedGroupPoliciesCommand({ GroupName }),
    );
    const { Groups } = await iam.send(new ListGroupsCommand({ PathPrefix: '/teams/' }));
    const withMember = await failureOf(iam.send(new DeleteGroupCommand({ GroupName })));
    const member = await failureOf(iam.send(new DeleteUserCommand({ UserName: 'grouped' })));
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName: 'grouped' }));
    const withPolicy = await failureOf(iam.send(new DeleteGroupCommand({ GroupName })));

    assert.deepEqual(AttachedPolicies, [{ PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn }]);
    assert.equal(Groups?.[0]?.Arn, 'arn:aws:iam::222222222222:group/teams/kept');
    assert.equal(withMember.code, 'DeleteConflict');
    assert.equal(member.message, 'Cannot delete entity, must remove users from group first.');
    assert.equal(withPolicy.message, 'Cannot delete entity, must detach all policies first.');
  });
});
