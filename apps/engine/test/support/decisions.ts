/** A DMN file with one decision table: the season says which dish. */
export const dishDecision = (dish = 'Stew'): string => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dishes" name="Dishes" namespace="http://millrace.dev/test">
  <inputData id="season" name="season"><variable name="season" typeRef="string"/></inputData>
  <decision id="dish" name="Dish">
    <variable name="dish"/>
    <informationRequirement><requiredInput href="#season"/></informationRequirement>
    <decisionTable id="table">
      <input id="in"><inputExpression typeRef="string"><text>season</text></inputExpression></input>
      <output id="out" name="dish" typeRef="string"/>
      <rule id="cold"><inputEntry><text>"Winter"</text></inputEntry><outputEntry><text>"${dish}"</text></outputEntry></rule>
      <rule id="warm"><inputEntry><text>not("Winter")</text></inputEntry><outputEntry><text>"Salad"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>`;

export const form = (id: string, label = 'Name'): string =>
  JSON.stringify({ id, type: 'default', components: [{ type: 'textfield', key: 'name', label }] });
