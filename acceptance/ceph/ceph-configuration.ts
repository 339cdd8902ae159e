export interface CephPlace {
  readonly folder: string;
  readonly fsid: string;
  readonly port: number;
  readonly monitorPort: number;
}

/**
 * `ceph.conf` of a cluster that needs nothing but this machine's memory: no
 * authentication between its parts, no manager, one copy of everything.
 *
 * Of the gateway: without `tcp_nodelay` a small answer on a kept-alive connection
 * waits 40 ms; with the default order of `rgw s3 auth order` a wrong secret is
 * `AccessDenied`, and not `SignatureDoesNotMatch` as on AWS.
 */
export function cephConfiguration({ folder, fsid, port, monitorPort }: CephPlace): string {
  return `[global]
fsid = ${fsid}
mon host = v1:127.0.0.1:${monitorPort}
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
keyring = /dev/null
run dir = ${folder}/run
admin socket = ${folder}/run/$name.asok
crash dir = ${folder}/log
log file = ${folder}/log/$name.log
log flush on exit = false
mon cluster log file = ${folder}/log/cluster.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
mon osd down out interval = 0
mon data avail warn = 1
mon data avail crit = 1
[mon]
mon data = ${folder}/mon
mgr initial modules =
[osd]
osd data = ${folder}/osd
osd journal = ${folder}/osd/journal
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
osd crush update on start = false
osd class update on start = false
[client.rgw]
rgw frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:${port}
rgw data = ${folder}/run
rgw dns name = s3.localhost
rgw enable apis = s3, admin, sts, iam
rgw s3 auth use sts = true
rgw s3 auth order = local, sts
rgw sts key = abcdefghijklmnop
rgw thread pool size = 64
rgw num rados handles = 1
rgw gc max objs = 4
rgw lc max objs = 4
rgw usage max shards = 2
`;
}
