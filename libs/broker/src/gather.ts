/** Calls back with the answers to all questions, in the order of the questions, once the last one is there. */
export function gather<Question, Answer>(
  questions: readonly Question[],
  ask: (question: Question, then: (answer: Answer) => void) => void,
  done: (answers: Answer[]) => void,
): void {
  const answers: Answer[] = [];
  let open = questions.length;
  if (open === 0) return done(answers);
  for (const [index, question] of questions.entries()) {
    ask(question, (answer) => {
      answers[index] = answer;
      if (--open === 0) done(answers);
    });
  }
}
