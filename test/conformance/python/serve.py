"""What the suite asks of a client: requests and answers are lines of JSON (see clients/process-client.ts)."""

import json
import sys
import traceback


def serve(operations, code_of):
    """Until nothing more is asked. `code_of` says which of Kafka's error codes an exception stands for, -1 for none."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = {'id': request['id']}
        try:
            answer['result'] = operations[request['operation']](**request['args'])
        except Exception as error:
            answer['error'] = {'code': code_of(error), 'message': traceback.format_exc(limit=-4)}
        print(json.dumps(answer), flush=True)
