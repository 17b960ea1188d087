// Items a second that BullMQ completes: node bullmq.mjs SOCKET ITEMS
// One worker process of concurrency 50, whose jobs do nothing; payloads and results have 300 bytes.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const BYTES = 300;
const CONCURRENCY = 50;
// As many as one request should hold.
const TOGETHER = 1000;

const [socket, items] = [process.argv[2], Number(process.argv[3])];
const connection = new Redis(socket, { maxRetriesPerRequest: null });

const queue = new Queue('bench', { connection });
const job = { name: 'work', data: { filler: 'p'.repeat(BYTES) } };
for (let first = 0; first < items; first += TOGETHER) {
  await queue.addBulk(Array(Math.min(TOGETHER, items - first)).fill(job));
}

// Between a tenth and nine tenths of all, where neither start nor end distorts it.
const [low, high] = [Math.floor(items / 10), Math.floor((items * 9) / 10)];
let [completed, began, ended] = [0, 0, 0];
const result = { filler: 'r'.repeat(BYTES) };
await new Promise((done) => {
  const worker = new Worker('bench', async () => result, { connection, concurrency: CONCURRENCY });
  worker.on('completed', () => {
    completed += 1;
    if (completed === low) began = performance.now();
    if (completed === high) ended = performance.now();
    if (completed === items) done();
  });
});
console.log(Math.round(((high - low) * 1000) / (ended - began)));
process.exit(0);
