// The order of people stays still, and a voice from out of sight comes into view.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_PLACES, nextPlaces } from "./places.ts";

const people = (speaking: string, keys = "abcdefS") =>
  [...keys].map((key) => ({ key, speaking: speaking.includes(key) }));

test("people keep the order of joining, oneself last", () => {
  const places = nextPlaces(NO_PLACES, people(""), 7, 0);
  assert.deepEqual(places.keys, [..."abcdefS"]);
});

test("somebody out of sight who speaks takes the place of the longest silent, once in 3 s", () => {
  let places = nextPlaces(NO_PLACES, people("a"), 4, 0);
  assert.deepEqual(places.keys, [..."abcS"]);
  places = nextPlaces(places, people("b"), 4, 5000);
  places = nextPlaces(places, people("e"), 4, 10000);
  assert.deepEqual(places.keys, [..."abeS"], "c never spoke");
  places = nextPlaces(places, people("f"), 4, 11000);
  assert.deepEqual(places.keys, [..."abeS"], "too soon");
  places = nextPlaces(places, people("f"), 4, 13000);
  assert.deepEqual(places.keys, [..."fbeS"], "a spoke before b");
});

test("a speaker is never taken off the screen", () => {
  let places = nextPlaces(NO_PLACES, people("abc"), 4, 0);
  places = nextPlaces(places, people("abcd"), 4, 9000);
  assert.deepEqual(places.keys, [..."abcS"]);
});

test("who leaves makes room, and nobody else moves", () => {
  let places = nextPlaces(NO_PLACES, people(""), 4, 0);
  places = nextPlaces(places, people("", "acdefS"), 4, 100);
  assert.deepEqual(places.keys, [..."acdS"]);
});

test("one place alone goes to another, and is one's own only when nobody else is here", () => {
  assert.deepEqual(nextPlaces(NO_PLACES, people("b"), 1, 0).keys, ["b"]);
  assert.deepEqual(nextPlaces(NO_PLACES, people("", "S"), 1, 0).keys, ["S"]);
  assert.deepEqual(nextPlaces(NO_PLACES, [], 4, 0).keys, []);
});
