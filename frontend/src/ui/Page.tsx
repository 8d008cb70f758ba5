/** The frame of every page: one heading, what stands beside it, and the content. Sets the document's title. */
import { useEffect } from "react";
import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import classes from "@/ui/Page.module.css";

export interface Crumb {
  title: string;
  to: string;
}

interface PageProps {
  title: string;
  /** One sentence under the heading: what this page is for, or what it says now. */
  lead?: React.ReactNode;
  crumbs?: readonly Crumb[];
  /** Chips beside the heading. */
  marks?: React.ReactNode;
  actions?: React.ReactNode;
  /** A bar between head and content: filters, tabs. */
  bar?: React.ReactNode;
  /** Content runs to the edges, for tables and canvases. */
  wide?: boolean;
  children: React.ReactNode;
}

export function Page({ title, lead, crumbs = [], marks, actions, bar, wide = false, children }: PageProps) {
  useTitle(title);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.words}>
          {crumbs.length > 0 ? (
            <nav aria-label="Breadcrumb" className={classes.crumbs}>
              {crumbs.map((crumb) => (
                <span key={crumb.to} className={classes.crumb}>
                  <Link to={crumb.to}>{crumb.title}</Link>
                  <ChevronRight size={12} aria-hidden="true" />
                </span>
              ))}
            </nav>
          ) : null}
          <div className={classes.title}>
            <h1>{title}</h1>
            {marks}
          </div>
          {lead ? <p className={classes.lead}>{lead}</p> : null}
        </div>
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </header>
      {bar ? <div className={classes.bar}>{bar}</div> : null}
      <div className={classes.content} data-wide={wide || undefined}>
        {children}
      </div>
    </div>
  );
}

export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Lockgate`;
  }, [title]);
}

/** A part of a page with a heading of its own. */
export function Section({ title, aside, children, id }: { title: string; aside?: React.ReactNode; children: React.ReactNode; id?: string }) {
  return (
    <section className={classes.section} aria-label={title} id={id}>
      <header className={classes.sectionHead}>
        <h2>{title}</h2>
        {aside ? <div className={classes.sectionAside}>{aside}</div> : null}
      </header>
      {children}
    </section>
  );
}
