/** What every field of a form shares: where it writes, who may, and what is wrong where. */
import { createContext, use, type ComponentType } from "react";
import type { Finding, JsonSchema } from "@/lib/api/types";
import type { Config, Json } from "@/flow/document";

export interface FormDesk {
  root: JsonSchema;
  /** The whole value, for fields that hang on another one. */
  value: Config;
  disabled: boolean;
  write: (pointer: string, value: Json) => void;
  remove: (pointer: string) => void;
  /** Findings about a place, by pointer below the form's root. */
  findings: ReadonlyMap<string, readonly Finding[]>;
  /** The step whose incoming fields are offered. */
  step: string | null;
  connection: string | null;
  /** Which widget serves a schema: widgets hold fields again, so a field does not name them itself. */
  widgetFor: (schema: JsonSchema, root: JsonSchema) => ComponentType<FieldProps>;
}

export const FormContext = createContext<FormDesk | null>(null);

export function useForm(): FormDesk {
  const form = use(FormContext);
  if (!form) throw new Error("This field stands in no form.");
  return form;
}

export interface FieldProps {
  schema: JsonSchema;
  value: Json | undefined;
  pointer: string;
  /** What people call it; widgets without a label of their own take it for their accessible name. */
  label: string;
  /** The label is drawn by whoever stands around. */
  bare?: boolean;
  required?: boolean;
}
