// A catalogue is bundled as its text.
declare module "*.ftl" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: this is how the bundler gives a text file
  export default text;
}
