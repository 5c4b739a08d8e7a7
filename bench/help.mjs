// What a bench says to --help, and to what it does not know: no bench that lasts minutes begins by mistake.

/** Ends the program when it was given any word. */
export function help(usage) {
  const words = process.argv.slice(2);
  if (words.length === 0) return;
  const asked = words.length === 1 && ["--help", "-h"].includes(words[0]);
  (asked ? process.stdout : process.stderr).write(`usage: ${usage}\n`);
  process.exit(asked ? 0 : 2);
}
