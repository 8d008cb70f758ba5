/** A table to work in: one tab stop, arrows or j and k between rows, Enter opens, columns sort. */
import { useRef, useState } from "react";
import { ArrowDown, ArrowUp } from "lucide-react";
import classes from "@/ui/DataTable.module.css";

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => React.ReactNode;
  /** What it is sorted by; without it the column does not sort. */
  sort?: (row: Row) => string | number;
  align?: "start" | "end";
  /** A CSS width; the others share what is left. */
  width?: string;
  /** Below this CSS width it does not go: the table scrolls sideways then, and no word is cut. */
  least?: string;
  /** Left out on narrow screens. */
  minor?: boolean;
  /** What a row is: with it a row is a card on narrow screens, and this stands first and alone in its line. */
  lead?: boolean;
  /** Needs no header beside it on a card: a state, a time that says "ago". */
  plain?: boolean;
}

interface DataTableProps<Row> {
  /** Says what the table holds; read aloud, not shown. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  onOpen?: (row: Row) => void;
  /** The row that something else on the page is about. */
  current?: string | null;
  /** Shown instead of rows. */
  empty?: React.ReactNode;
  /** More keys for the row in focus, for example `e` for resolve. */
  rowKeys?: Record<string, (row: Row) => void>;
  /** Row order is the server's; headers do not sort. */
  fixed?: boolean;
}

export function DataTable<Row>({ caption, columns, rows, rowKey, onOpen, current = null, empty, rowKeys, fixed = false }: DataTableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [sorting, setSorting] = useState<{ id: string; down: boolean } | null>(null);
  if (rows.length === 0 && empty) return <>{empty}</>;
  const ordered = fixed ? rows : sorted(rows, columns, sorting);
  const stop = ordered.some((row) => rowKey(row) === active) ? active : ordered[0] ? rowKey(ordered[0]) : null;

  const focus = (index: number) => {
    const row = body.current?.rows[Math.max(0, Math.min(ordered.length - 1, index))];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLTableRowElement>, row: Row, index: number) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, number> = { ArrowDown: index + 1, j: index + 1, ArrowUp: index - 1, k: index - 1, Home: 0, End: ordered.length - 1, PageDown: index + 12, PageUp: index - 12 };
    const step = steps[event.key];
    const own = rowKeys?.[event.key];
    if (step !== undefined) focus(step);
    else if (event.key === "Enter" && onOpen) onOpen(row);
    else if (own) own(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={classes.frame}>
      <table className={classes.table} data-rows={rows.length} data-cards={columns.some((column) => column.lead) || undefined}>
        <caption className="quiet">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} fixed={fixed} sorting={sorting} onSort={setSorting} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {ordered.map((row, index) => {
            const key = rowKey(row);
            return (
              <tr
                key={key}
                tabIndex={key === stop ? 0 : -1}
                data-open={onOpen ? true : undefined}
                aria-current={key === current || undefined}
                onFocus={() => {
                  setActive(key);
                }}
                onClick={(event) => {
                  if (onOpen && !(event.target as HTMLElement).closest("a,button,input,label")) onOpen(row);
                }}
                onKeyDown={(event) => {
                  onKeyDown(event, row, index);
                }}
              >
                {columns.map((column) => (
                  <td key={column.id} data-align={column.align} data-minor={column.minor || undefined} data-lead={column.lead || undefined} data-label={column.plain || column.lead ? undefined : column.header || undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface HeadCellProps<Row> {
  column: Column<Row>;
  fixed: boolean;
  sorting: { id: string; down: boolean } | null;
  onSort: (sorting: { id: string; down: boolean } | null) => void;
}

function HeadCell<Row>({ column, fixed, sorting, onSort }: HeadCellProps<Row>) {
  const mine = sorting?.id === column.id ? sorting : null;
  const common = { "data-align": column.align, "data-minor": column.minor || undefined, style: column.width ?? column.least ? { width: column.width, minWidth: column.least } : undefined };
  if (!column.sort || fixed) {
    return (
      <th scope="col" {...common}>
        {column.header}
      </th>
    );
  }
  return (
    <th scope="col" {...common} aria-sort={mine ? (mine.down ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        className={classes.sort}
        onClick={() => {
          onSort(!mine ? { id: column.id, down: false } : mine.down ? null : { id: column.id, down: true });
        }}
      >
        {column.header}
        {mine ? mine.down ? <ArrowDown size={12} aria-hidden="true" /> : <ArrowUp size={12} aria-hidden="true" /> : null}
      </button>
    </th>
  );
}

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: { id: string; down: boolean } | null): readonly Row[] {
  const by = columns.find((column) => column.id === sorting?.id)?.sort;
  if (!sorting || !by) return rows;
  const sign = sorting.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    return sign * (typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right), "en"));
  });
}
