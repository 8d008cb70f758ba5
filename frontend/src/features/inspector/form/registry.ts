/** Which widget serves which schema: the first rule that holds. A new node kind needs no new rule. */
import type { ComponentType } from "react";
import type { JsonSchema } from "@/lib/api/types";
import type { FieldProps } from "./context";
import { variantsOf } from "./schema";
import { BooleanWidget, EnumWidget, NumberWidget, TextWidget } from "./widgets/plain";
import { FieldPathWidget } from "./widgets/FieldPath";
import { GroupWidget } from "./widgets/Group";
import { ListWidget, TupleWidget } from "./widgets/lists";
import { MapWidget } from "./widgets/MapWidget";
import { MasterKeyWidget } from "./widgets/MasterKey";
import { ObjectWidget } from "./widgets/ObjectWidget";
import { RecordFieldsWidget } from "./widgets/RecordFields";
import { MasterColumnsWidget, MasterWidget, OperationWidget, RecordSchemaWidget } from "./widgets/surroundings";
import { UnionWidget } from "./widgets/UnionWidget";

type Widget = ComponentType<FieldProps>;
interface Rule {
  when: (schema: JsonSchema, root: JsonSchema) => boolean;
  widget: Widget;
}

const byFormat = (format: string, widget: Widget): Rule => ({ when: (schema) => schema.format === format, widget });

const RULES: readonly Rule[] = [
  byFormat("field-path", FieldPathWidget),
  byFormat("group", GroupWidget),
  byFormat("master", MasterWidget),
  byFormat("master-key", MasterKeyWidget),
  byFormat("operation", OperationWidget),
  byFormat("record-schema", RecordSchemaWidget),
  byFormat("record-fields", RecordFieldsWidget),
  byFormat("master-columns", MasterColumnsWidget),
  { when: (schema) => schema.enum !== undefined, widget: EnumWidget },
  { when: (schema, root) => variantsOf(schema, root).length > 0, widget: UnionWidget },
  { when: (schema) => schema.type === "boolean", widget: BooleanWidget },
  { when: (schema) => schema.type === "integer" || schema.type === "number", widget: NumberWidget },
  { when: (schema) => schema.type === "array" && schema.prefixItems !== undefined, widget: TupleWidget },
  { when: (schema) => schema.type === "array", widget: ListWidget },
  { when: (schema) => schema.patternProperties !== undefined || (typeof schema.additionalProperties === "object" && !schema.properties), widget: MapWidget },
  { when: (schema) => schema.type === "object" || schema.properties !== undefined, widget: ObjectWidget },
];

export function widgetFor(schema: JsonSchema, root: JsonSchema): Widget {
  return RULES.find((rule) => rule.when(schema, root))?.widget ?? TextWidget;
}
