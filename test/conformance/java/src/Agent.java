import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.protocol.Errors;

/** The Java client as the suite drives it: requests and answers are lines of JSON (see clients/process-client.ts). */
public final class Agent {
  interface Operation {
    Object call(JsonNode args) throws Exception;
  }

  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    String address = arguments[arguments.length - 1];
    Map<String, Operation> operations = new HashMap<>();
    new Records(address).offer(operations);
    new Members(address).offer(operations);
    new Transactions(address).offer(operations);
    new Administration(address).offer(operations);

    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line; (line = requests.readLine()) != null; ) {
      JsonNode request = JSON.readTree(line);
      ObjectNode answer = JSON.createObjectNode().put("id", request.get("id").asInt());
      try {
        Operation operation = operations.get(request.get("operation").asText());
        answer.set("result", JSON.valueToTree(operation.call(request.get("args"))));
      } catch (Exception thrown) {
        Throwable cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
        answer.putObject("error").put("code", codeOf(cause)).put("message", cause.toString());
      }
      answers.println(JSON.writeValueAsString(answer));
    }
  }

  /** The wire code of a Kafka exception, which may be wrapped; -1 for any other. */
  static int codeOf(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      Errors error = Errors.forException(each);
      if (error != Errors.UNKNOWN_SERVER_ERROR) return error.code();
    }
    return -1;
  }
}
