import * as contract from '@causeway/contract';
import { operations, traitsOf } from '@causeway/contract';
import { type OpenAPI, OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { z } from 'zod';
import { errorCodesOf, listOperations, type OperationEntry } from './operation-table.ts';

const description = `The S3 layer between a software company and its customers.

Send \`Authorization: Bearer cwk_...\` with every request. Every failure has the same body, \
\`{"error": {...}}\`: decide by its \`code\`, show its \`message\` and \`hint\`, and quote its \`requestId\` \
when you report it. Requests that create something honour an \`Idempotency-Key\`.`;

/** The description of the whole API, printed from the contract: OpenAPI 3.1 with named components. */
export async function openApiDocument(version: string): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(operations, {
    info: { title: 'Causeway', version, description, license: { name: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `cwk_...`' },
      },
    },
    commonSchemas: namedSchemas(),
  });
  for (const entry of listOperations()) complete(operationOf(document, entry), entry);
  return document;
}

/** Every schema of the contract that has a name. What differs between input and output is described as sent. */
function namedSchemas() {
  const named: Record<string, { schema: z.ZodType; strategy: 'input' | 'output' }> = {};
  const add = (schema: unknown) => {
    if (!(schema instanceof z.ZodType)) return;
    const name = schema.meta()?.id;
    if (name) named[name] = { schema, strategy: name.endsWith('Create') ? 'input' : 'output' };
  };
  Object.values(contract).forEach(add);
  for (const noun of Object.values(operations)) {
    for (const operation of Object.values(noun)) add(operation['~orpc'].outputSchema);
  }
  return named;
}

function operationOf(document: OpenAPI.Document, entry: OperationEntry): OpenAPI.OperationObject {
  const item = document.paths?.[entry.path];
  const operation = item?.[entry.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'];
  if (!operation) throw new Error(`Cannot describe "${entry.id}": the generator left it out`);
  return operation;
}

function complete(operation: OpenAPI.OperationObject, entry: OperationEntry): void {
  if (entry.meta.open) operation.security = [];
  if (entry.meta.takes === 'application/x-ndjson') takeRecords(operation);
  if (entry.meta.creates) {
    operation.parameters = [...(operation.parameters ?? []), idempotencyKeyParameter];
  }
  operation.responses = { ...operation.responses, ...errorResponses(entry) };
}

/** To the generator a body is one file, of whatever type. */
function takeRecords({ requestBody }: OpenAPI.OperationObject): void {
  if (!requestBody || '$ref' in requestBody) return;
  requestBody.content = {
    'application/json': { schema: { type: 'array', items: { type: 'object' } } },
    'application/x-ndjson': { schema: { type: 'string' } },
  };
}

const idempotencyKeyParameter: OpenAPI.ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes the request safe to repeat: the same key and body give the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[!-~]+$' },
};

function errorResponses(entry: OperationEntry): Record<string, OpenAPI.ResponseObject> {
  const byStatus = Object.groupBy(errorCodesOf(entry), (code) => traitsOf(code).status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}
