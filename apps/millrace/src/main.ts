// The `millrace` command, begun by bin/millrace.js. Exit codes: 0 done, 1 refused or failed, 2 wrong use of the command line.
import { runMain } from './run-main.ts';

await runMain(process.argv);
