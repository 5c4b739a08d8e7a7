// The page of provider.test.mjs: starts the worker and keeps what it told.

import { workerAddress } from "../../../web/src/e2ee/worker_address.ts";
import type { Told } from "./c_tests_worker.ts";

const worker = new Worker(workerAddress("group"), { type: "module" });
const told = new Promise<Told>((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
});
Object.assign(globalThis, { told });
