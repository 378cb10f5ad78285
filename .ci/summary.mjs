// Adds up vitest's JSON reports and prints the closing line. Fails when a lane has no report, no test, or skipped one.
import { existsSync, readFileSync } from 'node:fs';

let [passed, failed, skipped, isComplete] = [0, 0, 0, true];
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`expected a report at ${file}, found none`);
    isComplete = false;
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A suite that could not even be loaded has no tests of its own to fail.
  const broken = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0);
  for (const suite of broken) console.log(`could not be loaded: ${suite.name}\n${suite.message}`);
  failed += broken.length;
  for (const suite of report.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped') console.log(`skipped: ${test.fullName}`);
    }
  }
}
if (skipped > 0) console.log(`expected every test to run here, found ${skipped} skipped`);
console.log(`${passed} passed, ${failed + skipped} failed`);
process.exit(isComplete && passed > 0 && failed + skipped === 0 ? 0 : 1);
