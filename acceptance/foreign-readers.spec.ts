import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type CsvForm,
  type DeliveredFile,
  type Reader,
  readers,
  unpack,
} from './readers/readers.ts';
import { canonical, uglyColumns, uglyQuery, uglyRows, valueAt } from './readers/ugly-values.ts';
import { CustomerAccount, flights } from './support/customer.ts';
import { type Run, runToEnd, verifiedManifest } from './support/delivery.ts';
import { followGuide } from './support/follow-guide.ts';
import { skippedWithout } from './support/programs.ts';
import { assertHealthy, openVendor, type Vendor } from './support/vendor.ts';

const account = '222222222222';
const bucket = 'acme-files';

type Form = Pick<DeliveredFile, 'format' | 'compression'> & { readonly csv?: Partial<CsvForm> };

const textCompressions = ['none', 'gzip', 'zstd'];
const forms: readonly Form[] = [
  ...each(['zstd', 'snappy', 'gzip', 'none'], (compression) => ({
    format: 'parquet',
    compression,
  })),
  ...each(textCompressions, (compression) => ({ format: 'csv', compression })),
  { format: 'csv', compression: 'none', csv: { delimiter: ';', nullText: 'NULL' } },
  { format: 'csv', compression: 'gzip', csv: { delimiter: '\t', nullText: '\\N', header: false } },
  { format: 'csv', compression: 'none', csv: { delimiter: '|', lineEnd: 'crlf' } },
  ...each(textCompressions, (compression) => ({ format: 'jsonl', compression })),
  { format: 'json', compression: 'none' },
];

function each(compressions: readonly string[], form: (compression: string) => Form): Form[] {
  return compressions.map(form);
}

describe('Files of every form, delivered and read by programs nobody here wrote', () => {
  let vendor: Vendor;
  let folder: string;
  let files: readonly DeliveredFile[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-readers-'));
    vendor = await openVendor();
    files = await deliverAll();
  });
  after(async () => {
    await vendor?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function deliverAll(): Promise<DeliveredFile[]> {
    const customerId = await connectCustomer();
    const create = async (path: string, body: object) =>
      (await vendor.call<{ id: string }>(`POST /v1/${path}`, body)).id;
    const source = { type: 'file', path: flights };
    const flightsId = await create('datasets', { name: 'flights', source });
    const datasetId = await create('datasets', {
      name: 'ugly',
      source: { type: 'sql', query: uglyQuery(), datasets: { flights: flightsId } },
    });
    const deliver = async (form: Form, index: number) => {
      const order = { name: `form ${index}`, datasetId, customerIds: [customerId], ...form };
      return download(await runToEnd(vendor.target, await create('deliveries', order)), form);
    };
    return Promise.all(forms.map(deliver));
  }

  async function connectCustomer(): Promise<string> {
    const customerId = await vendor.customer('acme');
    const location = `s3://${bucket}/in/`;
    const connection = await vendor.connect({ customerId, location, accountId: account });
    await followGuide(vendor.target.sandboxUrl, account, await vendor.guide(connection));
    assertHealthy(await vendor.check(connection));
    return customerId;
  }

  /** The one file of a run, as the customer has it. */
  async function download(run: Run, form: Form): Promise<DeliveredFile> {
    const owner = new CustomerAccount(vendor.target.sandboxUrl, account);
    const manifestKey = run.recipients[0]?.manifestKey ?? '';
    const text = await owner.read(bucket, manifestKey);
    const manifest = await verifiedManifest(vendor.target, text);
    assert.equal(manifest.rows, uglyRows);
    assert.equal(manifest.files.length, 1);
    const key = manifest.files[0]?.key ?? '';
    const path = join(folder, basename(key));
    await writeFile(path, await owner.read(bucket, key));
    const usual: CsvForm = { delimiter: ',', header: true, nullText: '', lineEnd: 'lf' };
    const csv = form.format === 'csv' ? { ...usual, ...form.csv } : null;
    const columns = uglyColumns.map(({ name, type }) => ({ name, type }));
    return { path, format: form.format, compression: form.compression, csv, columns };
  }

  for (const reader of readers) {
    const skip = skippedWithout(reader.program, reader.name);
    it(`are the same rows to ${reader.name}`, { skip }, async () => {
      const readable = await filesFor(reader);
      assert.ok(readable.length > 0);

      const found = await reader.read(readable);

      for (const [index, file] of readable.entries()) {
        const { columns = [], rows = [] } = found[index] ?? {};
        const what = `${file.format}, ${file.compression} ${JSON.stringify(file.csv)}`;
        if (file.csv?.header !== false) {
          assert.deepEqual(
            columns,
            uglyColumns.map(({ name }) => name),
            what,
          );
        }
        assert.equal(rows.length, uglyRows, what);
        for (const row of rows) assertRow(reader, file, row);
        assert.equal(new Set(rows.map(([id]) => id)).size, uglyRows, what);
      }
    });
  }

  async function filesFor(reader: Reader): Promise<DeliveredFile[]> {
    const found: DeliveredFile[] = [];
    for (const [index, file] of files.entries()) {
      if (!reader.formats.includes(file.format)) continue;
      const packed = file.format !== 'parquet' && file.compression !== 'none';
      const itself = !packed || reader.unpacks.includes(file.compression);
      const readable = itself ? file : await unpack(file, join(folder, `${index}.${file.format}`));
      if (readable) found.push(readable);
    }
    return found;
  }
});

function assertRow(reader: Reader, file: DeliveredFile, row: readonly (string | null)[]): void {
  const number = Number(row[0]);
  assert.equal(row.length, uglyColumns.length);
  for (const [index, column] of uglyColumns.entries()) {
    const expected = valueAt(column, number);
    const found = row[index] ?? null;
    const what = `${reader.name}, ${file.format}: "${column.name}" of row ${number}`;
    if (expected === null) {
      assert.equal(found, file.csv && !reader.tellsNull ? file.csv.nullText : null, what);
      continue;
    }
    assert.ok(found !== null, what);
    const asDoubles = reader.rounds?.(file, column.type);
    const same = (text: string) => canonical(column.type, text, asDoubles);
    const wanted = reader.unifiesLineEnds ? expected.replace(/\r\n?/g, '\n') : expected;
    assert.equal(same(found), same(wanted), what);
  }
}
