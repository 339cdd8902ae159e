import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultKeyTemplate, keyTemplateIssue, lastingPart } from './key-template.ts';

const plain = { partitioned: false, filePerRecord: false };
const parted = { ...plain, partitioned: true };
const perRecord = { ...plain, filePerRecord: true };

describe('keyTemplateIssue()', () => {
  it('takes what keeps files apart, in order and in a folder of their own', () => {
    for (const template of [
      '{dataset}/{customer}/dt={date}/{runId}_{index}.{ext}',
      'exports/{delivery}/{year}/{month}/{day}/{hour}/part-{runId}-{index}.{ext}',
      'out/{dataset}.{customer}/{runId}{index}.{ext}',
      defaultKeyTemplate(plain),
    ]) {
      assert.equal(keyTemplateIssue(template, plain), null, template);
    }
    assert.equal(keyTemplateIssue(defaultKeyTemplate(parted), parted), null);
  });

  it('says what is wrong', () => {
    const name = '{runId}_{index}.{ext}';
    for (const [template, issue] of [
      [`{dataset}/{region}/${name}`, /"\{region\}", which is none of \{dataset\}/],
      [`{dataset}/{}/${name}`, /"\{\}"/],
      [`{dataset}/{constructor}/${name}`, /"\{constructor\}"/],
      [`{dataset}/a b/${name}`, /letters, digits/],
      [`{dataset}/a\\b/${name}`, /letters, digits/],
      [`{dataset}/a\n/${name}`, /letters, digits/],
      [`{dataset}/{/${name}`, /letters, digits/],
      [`{dataset}/{{date}}/${name}`, /letters, digits/],
      [`/{dataset}/${name}`, /empty segment/],
      [`{dataset}//${name}`, /empty segment/],
      [`{dataset}/../${name}`, /"\.\."/],
      [`{dataset}/./${name}`, /"\."/],
      [`{dataset}/${name}/`, /empty segment/],
      [name, /must begin with folders/],
      [`{date}/{dataset}/${name}`, /must begin with folders/],
      [`exports/dt={date}/${name}`, /must begin with folders/],
      [`_manifests/{dataset}/${name}`, /must not begin with "_"/],
      [`{dataset}/{index}_{runId}.{ext}`, /must end in a name with \{runId\}/],
      [`{dataset}/{runId}/{index}.{ext}`, /must end in a name/],
      ['{dataset}/{runId}.{ext}', /must end in a name/],
      ['{dataset}/{runId}_{index}', /must end in a name/],
      [`{dataset}/{partition}/${name}`, /"partitionBy" names no column/],
      ['{dataset}/{runId}_{position}.{ext}', /not each record is a file/],
    ] as const) {
      assert.match(keyTemplateIssue(template, plain) ?? 'nothing', issue, template);
    }
    assert.match(keyTemplateIssue(`{dataset}/${name}`, parted) ?? '', /must have \{partition\}/);
    assert.match(keyTemplateIssue(`{dataset}/p-{partition}/${name}`, parted) ?? '', /as a folder/);
  });

  it('has each record named by its position, where each is a file', () => {
    for (const template of ['{dataset}/{position}_{runId}.{ext}', defaultKeyTemplate(perRecord)]) {
      assert.equal(keyTemplateIssue(template, perRecord), null, template);
    }
    for (const name of ['{runId}_{index}.{ext}', '{position}.{ext}', '{runId}.{ext}']) {
      assert.match(keyTemplateIssue(`{dataset}/${name}`, perRecord) ?? '', /\{position\}/, name);
    }
  });

  it('tells the part of it that lasts', () => {
    assert.equal(lastingPart('{dataset}/x/{customer}/{date}/a/{runId}'), '{dataset}/x/{customer}/');
    assert.equal(lastingPart('{dataset}/{runId}'), '{dataset}/');
  });
});
