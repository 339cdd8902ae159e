import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as contract from '@causeway/contract';
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import { listOperations } from './operation-table.ts';

let document: Awaited<ReturnType<typeof openApiDocument>>;
let text = '';
before(async () => {
  document = await openApiDocument('1.2.3');
  text = JSON.stringify(document);
});

function operationAt(path: string, method: string) {
  return document.paths?.[path]?.[method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'];
}

describe('openApiDocument()', () => {
  it('describes every operation of the contract, each with its errors', () => {
    for (const { id, method, path, meta } of listOperations()) {
      const operation = operationAt(path, method);

      assert.equal(operation?.operationId, id);
      assert.ok(operation.summary, id);
      assert.ok(operation.responses?.['500'], id);
      assert.equal(operation.responses['401'] === undefined, meta.open === true, id);
      assert.deepEqual(operation.security, meta.open ? [] : undefined, id);
    }
    assert.match(document.openapi, /^3\.1\./);
    assert.deepEqual(document.security, [{ apiKey: [] }]);
  });

  it('names every schema of the contract once, and refers to none that is missing', () => {
    const schemas = document.components?.schemas ?? {};
    for (const schema of Object.values(contract)) {
      if (schema instanceof z.ZodType && schema.meta()?.id)
        assert.ok(schemas[schema.meta()?.id ?? '']);
    }
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      assert.ok(name && schemas[name], name);
    }
    const run = JSON.stringify(document.paths?.['/v1/runs/{id}']?.get?.responses?.['200']);
    assert.match(run, /"#\/components\/schemas\/Run"/);
  });

  it('can be written as JSON Schema: nothing of the contract is left undescribed', () => {
    for (const [name, schema] of Object.entries(contract)) {
      if (!(schema instanceof z.ZodType)) continue;
      for (const io of ['input', 'output'] as const) {
        assert.ok(
          Object.keys(z.toJSONSchema(schema, { io, unrepresentable: 'throw' })).length > 1,
          name,
        );
      }
    }
  });

  it('offers an Idempotency-Key where something is created, and only there', () => {
    const offered = listOperations().filter(({ method, path }) =>
      JSON.stringify(operationAt(path, method)).includes('Idempotency-Key'),
    );

    assert.deepEqual(
      offered.map(({ id }) => id),
      [
        'customers.create',
        'connections.create',
        'accessKeys.add',
        'datasets.create',
        'datasets.push',
        'datasets.forget',
        'deliveries.create',
        'deliveries.run',
        'runs.retry',
      ],
    );
  });
});
