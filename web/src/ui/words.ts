// The words of the interface, from the catalogue in strings/. English is built in; what a page adds
// comes with that page.
import { FluentBundle, FluentResource } from "@fluent/bundle";
import pages from "../strings/pages.en.ftl";

const LANGUAGE = "en";

// Isolation marks would be read out in labels and break a search in the page: what a person typed
// is isolated where it is drawn, by <bdi> or by isolate().
const bundle = new FluentBundle(LANGUAGE, { useIsolating: false });

const plain = new Map<string, string>(); // sentences without values, once they were made

export function addWords(catalogue: string): void {
  plain.clear();
  bundle.addResource(new FluentResource(catalogue), { allowOverrides: true });
}

addWords(pages);

/** The sentence called `id`. An unknown id is our own mistake: it is drawn as it is, so that it shows. */
export function t(id: string, values?: Record<string, string | number>): string {
  if (values) return format(id, values);
  const known = plain.get(id);
  if (known !== undefined) return known;
  const made = format(id);
  plain.set(id, made);
  return made;
}

function format(id: string, values?: Record<string, string | number>): string {
  const message = bundle.getMessage(id);
  return message?.value ? bundle.formatPattern(message.value, values) : id;
}

/** Somebody's name inside a sentence of plain text: its direction does not turn the rest around. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
