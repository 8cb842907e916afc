// pg-boss: `fetch` and `complete`, as many loops as there is concurrency. Its `work()` waits half a second between
// two polls, which would measure the pause; `fetch` is what it calls underneath. No supervision, no schedules.
import { PgBoss } from "pg-boss";
import { batch, concurrency, count, drive, url } from "./drive.mjs";

const boss = new PgBoss({ connectionString: url, max: concurrency, supervise: false, schedule: false });
boss.on("error", (error) => { throw error; });
let done = 0;

async function loop() {
  while (done < count) {
    const jobs = await boss.fetch("trivial", { batchSize: batch });
    if (jobs.length === 0) break;
    await boss.complete("trivial", jobs.map((job) => job.id));
    done += jobs.length;
  }
}

await drive({
  async prepare() {
    await boss.start();
    await boss.createQueue("trivial");
    for (let at = 0; at < count; at += 1000) {
      const jobs = Array.from({ length: Math.min(1000, count - at) }, (_, i) => ({ data: { i: at + i } }));
      await boss.insert("trivial", jobs);
    }
  },
  async work() {
    await Promise.all(Array.from({ length: concurrency }, loop));
    if (done !== count) throw new Error(`${done} of ${count} done`);
  },
});
