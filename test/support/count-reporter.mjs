// Writes how many browser tests passed, failed and were skipped to the file named by TEST_COUNTS, so that the
// whole run can be summed up in one line.
import { writeFileSync } from 'node:fs';

function addSuite(suite, counts) {
  for (const test of suite.tests) {
    if (test.skipped) counts.skipped += 1;
    else if (test.passed) counts.passed += 1;
    else counts.failed += 1;
  }
  for (const child of suite.suites) addSuite(child, counts);
}

export function countReporter() {
  return {
    onTestRunFinished({ sessions }) {
      const counts = { passed: 0, failed: 0, skipped: 0 };
      for (const session of sessions) {
        if (session.testResults) addSuite(session.testResults, counts);
        // A file that does not load has no tests to fail.
        else counts.failed += 1;
      }
      if (process.env.TEST_COUNTS) writeFileSync(process.env.TEST_COUNTS, JSON.stringify(counts));
    },
  };
}
