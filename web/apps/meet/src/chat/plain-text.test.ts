import { expect, it } from "vitest";
import { beginning, plainText, PlainTexts } from "./plain-text";

it("keeps the words and the lines of HTML", () => {
  expect(plainText("<p>Good <b>morning</b>,</p><div>Maria&nbsp;&amp;&#32;Ben&#x21;</div>")).toBe("Good morning,\nMaria & Ben!");
  expect(plainText("one<br/>two<li>three</li>")).toBe("one\ntwothree");
});

it("drops what is no text", () => {
  expect(plainText('<script>steal()</script>a<img src=x onerror="steal()"><style>b{}</style><!-- c -->')).toBe("a");
  expect(plainText("a<script>never closed")).toBe("a");
});

it("leaves what only looks like HTML, and reads an escape once", () => {
  expect(plainText("1 < 2 and 3 > 2 &unknown;")).toBe("1 < 2 and 3 > 2 &unknown;");
  expect(plainText("&amp;lt;b&amp;gt; &lt;b&gt;")).toBe("&lt;b&gt; <b>");
  expect(plainText("&#0;&#xd800;&#x110000;")).toBe("&#0;&#xd800;&#x110000;");
});

it("takes no longer for what is made to take long", () => {
  const filled = (piece: string, start = "") => (start + piece.repeat(28 * 1024)).slice(0, 28 * 1024);
  const hostile = [filled("<a"), filled("</a"), filled("<br"), filled("<script"), filled("<script>"), filled("</p "), filled(" ", "</p"), filled("<!--"), filled("&#1"), filled("\n"), filled("<a title='")];
  const begun = performance.now();
  for (const html of hostile) {
    for (let time = 0; time < 10; time += 1) {
      plainText(html);
    }
  }
  // Some milliseconds; with expressions that read on to the end it was half a minute.
  expect(performance.now() - begun).toBeLessThan(1000);
});

it("is made once of each message and again after an edit, and not kept without end", () => {
  const made: string[] = [];
  const texts = new PlainTexts((html) => {
    made.push(html);
    return plainText(html);
  });
  expect([texts.of("1", "a", "<b>x</b>"), texts.of("1", "a", "<b>x</b>"), texts.of("2", "a", "y"), texts.of("1", "b", "z"), texts.of("1", "b", "z")]).toEqual(["x", "x", "y", "z", "z"]);
  expect(made).toEqual(["<b>x</b>", "y", "z"]);
  for (let id = 0; id < 1000; id += 1) {
    texts.of(`more ${String(id)}`, "a", "");
  }
  texts.of("more 999", "a", "");
  texts.of("1", "b", "z");
  expect(made).toHaveLength(1004);
});

it("shows the beginning of what is long or has many lines, and all of the rest", () => {
  expect(beginning("abc", 3, 2)).toBeUndefined();
  expect(beginning("abcd", 3, 2)).toBe("abc");
  expect(beginning("ab😀", 3, 2)).toBe("ab");
  expect(beginning("a\nb", 9, 2)).toBeUndefined();
  expect(beginning("a\nb\nc", 9, 2)).toBe("a\nb");
  expect(beginning("\n".repeat(9), 5, 9)).toBe("\n".repeat(5));
});
