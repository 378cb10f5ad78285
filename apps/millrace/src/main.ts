// The `millrace` command. Exit codes: 0 done, 1 refused or failed, 2 wrong use of the command line.
import { enableCompileCache } from 'node:module';

// Stripping types and compiling some hundred files is most of the time to ready; the second start finds them done.
enableCompileCache();

const { runMain } = await import('./run-main.ts');
await runMain(process.argv);
