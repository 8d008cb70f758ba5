import hooks from "eslint-plugin-react-hooks";
import a11y from "eslint-plugin-jsx-a11y";
import ts from "typescript-eslint";

/** Imports go one way: lib and ui, then flow, then features, then app. Features do not know each other. */
const above = {
  lib: ["@/ui/*", "@/flow/*", "@/features/*", "@/app/*"],
  ui: ["@/flow/*", "@/features/*", "@/app/*"],
  flow: ["@/ui/*", "@/features/*", "@/app/*"],
  features: ["@/app/*"],
};
const closed = [
  { group: ["**/index", "@/*/index"], message: "No barrels: import the file that says what you need." },
  { group: ["../../*"], message: "Name files of other folders by @/." },
];
/** These write style elements into the page, which its policy refuses. */
const styling = {
  name: "@mantine/core",
  importNames: ["AppShell", "Grid", "SimpleGrid", "Flex", "ColorSchemeScript", "Container"],
  message: "It writes a style element at run time, which the content security policy refuses. Use CSS.",
};
const restricted = (groups) => ({
  "no-restricted-imports": ["error", { paths: [styling], patterns: [...closed, ...groups] }],
});
const zone = (name) =>
  restricted([{ group: above[name], message: `${name} stands below that folder and may not import it.` }]);
/** Parts of the editor are one feature told apart by folder. */
const editor = ["canvas", "outline", "inspector", "editor"];
const features = [
  "home", "catalogue", "review", "exceptions", "messages", "masters", "audit", "monitor", "testbench", "help", "signin",
];

const text = [
  "error",
  { property: "innerHTML", message: "Text is text. Trusted types refuse this anyway." },
  { property: "outerHTML", message: "Text is text. Trusted types refuse this anyway." },
];

export default ts.config(
  { ignores: ["**/node_modules", "dist", "desk/*.*", "scripts", "*.config.*", "src/lib/api/schema.d.ts"] },
  ...ts.configs.recommendedTypeChecked,
  a11y.flatConfigs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/only-throw-error": "off", // the router is told to redirect by a throw
      "jsx-a11y/no-autofocus": "off", // dialogs and search fields take the focus on purpose
      "no-restricted-properties": text,
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text is text." },
        { selector: "ExportAllDeclaration", message: "No barrels." },
      ],
      eqeqeq: "error",
      ...restricted([]),
    },
  },
  {
    files: ["desk/src/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "no-restricted-properties": text,
      "no-restricted-imports": ["error", { patterns: [{ group: ["@/*", "**/frontend/src/*", "react", "@mantine/*"], message: "The desk stands alone: what signs loads nothing of the designer." }] }],
      eqeqeq: "error",
    },
  },
  { files: ["src/lib/**"], rules: zone("lib") },
  { files: ["src/ui/**"], rules: zone("ui") },
  { files: ["src/flow/**"], rules: zone("flow") },
  ...features.map((name) => ({
    files: [`src/features/${name}/**`],
    rules: restricted([
      { group: above.features, message: "features stand below app." },
      {
        group: [...features.filter((other) => other !== name), ...editor].map((other) => `@/features/${other}/*`),
        message: "Features do not know each other; what two of them need goes to ui, lib or flow.",
      },
    ]),
  })),
  ...editor.map((name) => ({
    files: [`src/features/${name}/**`],
    rules: restricted([
      { group: above.features, message: "features stand below app." },
      { group: features.map((other) => `@/features/${other}/*`), message: "Features do not know each other." },
    ]),
  })),
  { files: ["**/*.js", "**/*.mjs"], ...ts.configs.disableTypeChecked },
);
