/** How the component library looks here. Colours and sizes come from tokens.css; nothing writes styles at run time. */
import { createTheme, Drawer, Menu, Modal, Popover, Select, Tabs, TextInput, Textarea, Tooltip, Button, ActionIcon, NumberInput, PasswordInput, SegmentedControl, Checkbox, Switch, MultiSelect, TagsInput, Autocomplete, NativeSelect } from "@mantine/core";
import classes from "@/ui/theme.module.css";

// Class names stand beside the defaults, not among them: what a place adds of its own joins them.
const field = { defaultProps: { size: "sm" }, classNames: { input: classes.input ?? "", label: classes.label ?? "", description: classes.description ?? "", error: classes.error ?? "" } };
const choice = { ...field, classNames: { ...field.classNames, dropdown: classes.dropdown ?? "", option: classes.option ?? "" } };
const pop = { transitionProps: { duration: 100, transition: "fade" as const } };

export const theme = createTheme({
  primaryColor: "blue",
  respectReducedMotion: true,
  cursorType: "pointer",
  focusRing: "never", // ours is in base.css, the same for everything
  components: {
    Button: Button.extend({ defaultProps: { size: "sm" }, classNames: { root: classes.button ?? "", section: classes.buttonSection ?? "" } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray", size: 28 }, classNames: { root: classes.icon ?? "" } }),
    TextInput: TextInput.extend(field),
    PasswordInput: PasswordInput.extend(field),
    NumberInput: NumberInput.extend(field),
    Textarea: Textarea.extend(field),
    NativeSelect: NativeSelect.extend(field),
    Autocomplete: Autocomplete.extend(choice),
    Select: Select.extend({ ...choice, defaultProps: { ...choice.defaultProps, withCheckIcon: false, allowDeselect: false } }),
    MultiSelect: MultiSelect.extend(choice),
    TagsInput: TagsInput.extend(choice),
    Checkbox: Checkbox.extend({ defaultProps: { size: "xs" }, classNames: { input: classes.box ?? "", label: classes.boxLabel ?? "" } }),
    Switch: Switch.extend({ defaultProps: { size: "xs" }, classNames: { label: classes.boxLabel ?? "" } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: "xs" }, classNames: { root: classes.segments ?? "", indicator: classes.segmentMark ?? "", label: classes.segment ?? "" } }),
    Tabs: Tabs.extend({ classNames: { list: classes.tabs ?? "", tab: classes.tab ?? "" } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", position: "bottom-end", ...pop }, classNames: { dropdown: classes.dropdown ?? "", item: classes.option ?? "", label: classes.menuLabel ?? "" } }),
    Popover: Popover.extend({ defaultProps: { shadow: "md", ...pop }, classNames: { dropdown: classes.dropdown ?? "" } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: false, transitionProps: { duration: 80 }, events: { hover: true, focus: true, touch: false } }, classNames: { tooltip: classes.tooltip ?? "" } }),
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, overlayProps: {}, transitionProps: { duration: 120, transition: "fade" }, closeButtonProps: { "aria-label": "Close" } }, classNames: { content: classes.modal ?? "", header: classes.modalHeader ?? "", title: classes.modalTitle ?? "", body: classes.modalBody ?? "", overlay: classes.overlay ?? "" } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false, position: "right", closeButtonProps: { "aria-label": "Close" } }, classNames: { content: classes.modal ?? "", header: classes.modalHeader ?? "", title: classes.modalTitle ?? "", overlay: classes.overlay ?? "" } }),
  },
});
