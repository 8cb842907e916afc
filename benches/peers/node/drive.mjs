// What every peer does alike: fill, say that it is ready, work when told, say that it is done, end when told.
import { once } from "node:events";

export const [, , url, concurrency, batch, count] = process.argv.map((arg, at) => (at > 2 ? Number(arg) : arg));

export async function drive({ prepare, work }) {
  await prepare();
  console.log("ready");
  await once(process.stdin, "data");
  await work();
  console.log("done");
  await once(process.stdin, "end");
  process.exit(0);
}
