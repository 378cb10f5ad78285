import type { Rule } from './problem.ts';

/** How a modeller mends what a rule complains about. */
const advice: Readonly<Record<Rule, string>> = {
  xml: 'Save the model again from a BPMN 2.0 modeller.',
  'too-large': 'Split the model into several processes that call each other.',
  'document-type': 'Remove the DOCTYPE line.',
  'no-executable-process': 'Mark the process as executable.',
  'unknown-content': 'Remove it, or put it into an extension element.',
  'not-supported': 'Model it with what the table of supported elements lists.',
  id: 'Give every element an id of its own, made of letters, digits, "-" and "_".',
  reference: 'Select the element that is meant, or remove the reference.',
  'start-event': 'Keep the one start event that begins here, and remove or retype the others.',
  flow: 'Draw the sequence flow between two elements of the same scope, into none that starts and out of none that ends.',
  condition: 'Give the flow a condition that starts with "=", or make it the default flow.',
  'event-definition': 'Choose one event definition.',
  form: 'Say which version of the form is meant: latest, deployment, or versionTag with the tag.',
  gateway: 'Put intermediate catch events or receive tasks, and nothing else, behind the gateway.',
  action: 'Give each action of the node a name of its own, one thing to do, and settings that go together.',
  stage: 'Give the stage or milestone a name, and name the variables to remove.',
  link: 'Give throw and catch event the same link name, once each in a scope.',
  listener: 'Give the listener a type and an event that the element has, each pair once.',
  loop: 'Give the loop a collection, a cardinality or a condition.',
  boundary: 'Attach the event to an activity, and catch each thing once there.',
  message: 'Select a message with a name and, where an instance waits for it, a correlation key.',
  timer: 'Write an ISO 8601 date, duration or cycle, or a FEEL expression that gives one.',
  'error-code': 'Select an error with a code.',
  'escalation-code': 'Select an escalation with a code.',
  job: 'Give the task a task definition with a type, and a whole number of retries.',
  publish: 'Say which topic the record goes to.',
  receive: 'Say on which topic, below engine.receive., the record comes, and which variable takes it.',
  compensation:
    'Associate the compensation event with one activity beside it that is for compensation, and name activities of the own scope.',
  cancel: 'Put cancel events into a transaction, and on its boundary.',
  call: 'Say which process is called, by its id or an expression that gives it.',
  script: 'Write the script as a FEEL expression with a result variable.',
  signal: 'Select a signal with a name.',
  mapping: 'Give each mapping a source, and a variable name as target.',
  decision:
    'Say which decision is asked, by its id or an expression that gives it, and which variable takes the result.',
  expression: 'Correct the FEEL expression at the place that is named.',
  unreachable: 'Connect it, or remove it.',
  'dead-end': 'Let a sequence flow lead on to an end event.',
  'no-default': 'Make one of the flows the default flow.',
  'endless-loop': 'Put something that waits into the loop: a task, a timer, a message.',
  'message-key': 'Use one correlation key for the message wherever it is waited for.',
};

export function mendingOf(rule: Rule): string {
  return advice[rule];
}
