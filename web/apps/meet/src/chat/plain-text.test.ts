import { expect, it } from "vitest";
import { plainText } from "./plain-text";

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
