// Frames of Opus are padded before they are sealed, so that the size of a packet says nothing of what is
// said in it (PRV-17). How far is the core's decision (src/e2ee/frame.c); here it is done.

const PADDING_BEGINS = 0x80;

export function padded(frame: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length === frame.length) return frame;
  const body = new Uint8Array(length);
  body.set(frame);
  body[frame.length] = PADDING_BEGINS;
  return body;
}

/** Undefined: there is no padding, or nothing in front of it. */
export function unpadded(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  let end = body.length - 1;
  while (body[end] === 0) end -= 1;
  return end > 0 && body[end] === PADDING_BEGINS ? body.slice(0, end) : undefined;
}
