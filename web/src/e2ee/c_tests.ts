// Runs the C tests that tests/e2ee builds as one WebAssembly module (tests/wasm/harness.c), in Node
// and in browsers alike. Each test gets an instance of its own, so one that ends in the middle leaves
// nothing to the next.

import { CoreMemory } from "./memory.ts";
import { provider } from "./provider.ts";
import type { Sodium } from "./sodium.ts";
import { aeadImports } from "./testing_aead.ts";

export interface CTest {
  readonly file: string;
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

export interface Outcome {
  readonly skipped: boolean;
  readonly said: readonly string[];
}

/** The text of a vector file, by the path that the test names; undefined: there is none. */
export type Read = (path: string) => string | undefined;

class Skip extends Error {}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  file_count(): number;
  file_name(file: number): number;
  test_count(file: number): number;
  test_name(file: number, test: number): number;
  test_run(file: number, test: number): void;
}

interface Instance {
  readonly exports: Exports;
  readonly text: (address: number) => string;
  readonly said: string[];
}

const BIG = "#";

/** Integers that a double may not hold become bigints. */
function parse(text: string): unknown {
  const marked = text.replaceAll(/([:[,]\s*)(\d{16,})(?=\s*[,\]}])/g, `$1"${BIG}$2"`);
  return JSON.parse(marked, (_, value) =>
    typeof value === "string" && value.startsWith(BIG) ? BigInt(value.slice(1)) : value,
  );
}

/** tests/wasm/jansson.h: a value is its place in a list, 0 is none. */
function json(read: Read, bytes: (at: number, len: number) => Uint8Array, text: Instance["text"]) {
  const values: unknown[] = [undefined];
  const give = (value: unknown) => (value === undefined ? 0 : values.push(value) - 1);
  const array = (value: number) => (Array.isArray(values[value]) ? values[value] : []);
  const utf8 = (value: number) => new TextEncoder().encode(String(values[value]));
  const isNumber = (value: unknown) => Number.isInteger(value) || typeof value === "bigint";
  return {
    load: (path: number) => {
      const file = read(text(path));
      return file === undefined ? 0 : give(parse(file));
    },
    object_get: (object: number, key: number) =>
      give((values[object] as Readonly<Record<string, unknown>> | undefined)?.[text(key)]),
    array_get: (of: number, index: number) => give(array(of)[index]),
    array_size: (of: number) => array(of).length,
    string_len: (value: number) => (typeof values[value] === "string" ? utf8(value).length : -1),
    string: (value: number, out: number) => {
      const encoded = utf8(value);
      bytes(out, encoded.length + 1).fill(0);
      bytes(out, encoded.length).set(encoded);
    },
    integer_value: (value: number) =>
      isNumber(values[value]) ? BigInt(values[value] as bigint) : 0n,
    number_value: (value: number) => Number(values[value]),
    is_integer: (value: number) => isNumber(values[value]),
    is_null: (value: number) => values[value] === null,
  };
}

/** What the C library would print with; no test gets there. */
const NO_SYSTEM = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error("the module asks the system for something");
    },
  },
);

async function start(module: WebAssembly.Module, sodium: Sodium, read: Read): Promise<Instance> {
  const memory = new CoreMemory();
  const said: string[] = [];
  const bytes = (at: number, len: number) => memory.at(at, len);
  const text = (at: number) => {
    const rest = memory.at(at, memory.size - at);
    return new TextDecoder().decode(rest.slice(0, rest.indexOf(0)));
  };
  const instance = await WebAssembly.instantiate(module, {
    incamera: {
      ...provider(memory),
      ...aeadImports(memory),
      ...sodium.imports(memory),
    },
    json: json(read, bytes, text),
    test: {
      fail: (file: number, line: number, why: number) => {
        throw new Error(`${text(file)}:${line}: ${text(why)}`);
      },
      skip: () => {
        throw new Skip();
      },
      print: (line: number) => said.push(text(line).trim()),
    },
    wasi_snapshot_preview1: NO_SYSTEM,
  });
  const exports = instance.exports as unknown as Exports;
  memory.attach(exports.memory);
  exports._initialize();
  return { exports, text, said };
}

export async function cTests(wasm: BufferSource, sodium: Sodium, read: Read): Promise<CTest[]> {
  const module = await WebAssembly.compile(wasm);
  const { exports, text } = await start(module, sodium, read);
  const tests: CTest[] = [];
  for (let file = 0; file < exports.file_count(); file++)
    for (let test = 0; test < exports.test_count(file); test++)
      tests.push({
        file: text(exports.file_name(file)),
        name: text(exports.test_name(file, test)),
        run: () => run(module, sodium, read, file, test),
      });
  return tests;
}

async function run(
  module: WebAssembly.Module,
  sodium: Sodium,
  read: Read,
  file: number,
  test: number,
): Promise<Outcome> {
  const { exports, said } = await start(module, sodium, read);
  try {
    exports.test_run(file, test);
    return { skipped: false, said };
  } catch (error) {
    if (error instanceof Skip) return { skipped: true, said };
    throw error;
  }
}
