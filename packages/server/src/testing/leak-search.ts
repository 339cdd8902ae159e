/** Everything that a server let out, and a search of it for what it should have kept. */
export interface LeakSearch {
  /** Takes down what was let out; `place` says where. */
  record(place: string, output: string | Buffer): void;
  /** What must not be found, whole or in part, as it is or encoded. */
  forbid(name: string, secret: string | Buffer): void;
  /** Places in which a secret was found, with its name and the encoding; never the secret. */
  find(): string[];
  /** Where a text that is no secret was let out. */
  placesOf(text: string): string[];
}

/** Shorter parts than this might be found by chance. */
const partBytes = 12;

export function createLeakSearch(): LeakSearch {
  const outputs: { readonly place: string; readonly bytes: Buffer }[] = [];
  const needles: { readonly name: string; readonly bytes: Buffer }[] = [];
  return {
    record(place, output) {
      outputs.push({ place, bytes: Buffer.from(output) });
    },
    forbid(name, secret) {
      const bytes = Buffer.from(secret);
      if (bytes.length < partBytes) throw new Error(`The ${name} is too short to search for`);
      for (const part of partsOf(bytes)) {
        for (const [form, needle] of formsOf(part)) {
          needles.push({ name: `${name} (${form})`, bytes: needle });
        }
      }
    },
    find() {
      const found = outputs.flatMap(({ place, bytes }) =>
        needles.filter((needle) => bytes.includes(needle.bytes)).map((n) => `${place}: ${n.name}`),
      );
      return [...new Set(found)];
    },
    placesOf(text) {
      const found = outputs.filter(({ bytes }) => bytes.includes(text));
      return [...new Set(found.map(({ place }) => place))];
    },
  };
}

/** Both halves, for who cuts a text short lets out a part; the whole, when halves are too short. */
function partsOf(secret: Buffer): Buffer[] {
  const middle = Math.floor(secret.length / 2);
  if (middle < partBytes) return [secret];
  return [secret.subarray(0, middle), secret.subarray(middle)];
}

function formsOf(part: Buffer): [form: string, needle: Buffer][] {
  const text = part.toString('latin1');
  const hex = part.toString('hex');
  const url = encodeURIComponent(text);
  const entity = (character: string) => `&#x${character.charCodeAt(0).toString(16)};`;
  const forms: [string, string | Buffer][] = [
    ['as it is', part],
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['URL-encoded', url],
    ['URL-encoded', url.replace(/%../g, (code) => code.toLowerCase())],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['JSON', text.replaceAll('/', '\\/')],
    ['HTML', text.replace(/[^A-Za-z0-9]/g, entity)],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      const base64 = base64Within(part, offset);
      const base64url = base64.replaceAll('+', '-').replaceAll('/', '_');
      return [
        ['base64', base64],
        ['base64url', base64url],
        ['URL-encoded base64', encodeURIComponent(base64)],
      ];
    }),
  ];
  return forms.map(([form, needle]) => [form, Buffer.from(needle)]);
}

/** What the base64 of any text has in it that holds these bytes, begun at an offset modulo 3. */
function base64Within(part: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), part]).toString('base64url');
  const bits = (offset + part.length) * 8;
  // Characters at the edges take bits of their neighbours.
  return encoded
    .slice(Math.ceil((offset * 8) / 6), Math.floor(bits / 6))
    .replaceAll('-', '+')
    .replaceAll('_', '/');
}
