// Plain JavaScript, as the entry of the main thread is (apps/millrace/bin): a thread has a compile cache of its own.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('../src/worker.ts');
