// graphile-worker: `run` with a task that does nothing. A batch is a local queue of that size with completions put
// together for as short as it goes.
import { EventEmitter } from "node:events";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { batch, concurrency, count, drive, url } from "./drive.mjs";

const logger = new Logger(() => () => {});
const batching = batch > 1 ? { worker: { localQueue: { size: batch }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } } : {};

await drive({
  async prepare() {
    const utils = await makeWorkerUtils({ connectionString: url, logger });
    await utils.migrate();
    await utils.withPgClient((client) => client.query(
      `select graphile_worker.add_jobs(array(
         select ('trivial', json_build_object('i', i), null, null, null, null, null, null)::graphile_worker.job_spec
         from generate_series(1, $1::int) i))`,
      [count],
    ));
    await utils.release();
  },
  async work() {
    const events = new EventEmitter();
    let done = 0;
    const over = new Promise((resolve) => {
      events.on("job:complete", () => { if (++done === count) resolve(); });
    });
    await run({
      connectionString: url, concurrency, maxPoolSize: concurrency + 1, logger, events, noHandleSignals: true,
      taskList: { trivial: async () => {} }, preset: batching,
    });
    await over;
  },
});
