/* What the marks in a text mean, and where links end: tables, without a browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pure } from './pure.mjs';

const { format } = await pure('format', 'address');
const { webAddresses } = await pure('address');

const TAGS = { link: 'a', mention: 'at', block: 'pre', quote: 'q', text: 'p' };

/* As HTML would have it, for the tables only; a text that stands alone has no <p>. */
function html(part) {
  if (typeof part === 'string') return part;
  const { kind, text, parts, blocks } = part;
  const tag = TAGS[kind] ?? kind;
  return `<${tag}>${text ?? (parts ?? blocks).map(html).join('')}</${tag}>`;
}
const shown = (text, names) => {
  const blocks = format(text, names);
  return blocks.length === 1 && blocks[0].kind === 'text'
    ? blocks[0].parts.map(html).join('')
    : blocks.map(html).join('');
};

/* Numbers are those of examples in CommonMark 0.31.2. */
const CASES = [
  /* emphasis */
  ['*foo bar*', '<em>foo bar</em>'], // 350
  ['a * foo bar*', 'a * foo bar*'], // 351
  ['a*"foo"*', 'a*"foo"*'], // 352
  ['foo*bar*', 'foo<em>bar</em>'], // 355
  ['5*6*78', '5<em>6</em>78'], // 356
  ['_foo bar_', '<em>foo bar</em>'], // 357
  ['_ foo bar_', '_ foo bar_'], // 358
  ['a_"foo"_', 'a_"foo"_'], // 359
  ['foo_bar_', 'foo_bar_'], // 360
  ['5_6_78', '5_6_78'], // 361
  ['пристаням_стремятся_', 'пристаням_стремятся_'], // 362
  ['aa_"bb"_cc', 'aa_"bb"_cc'], // 363
  ['foo-_(bar)_', 'foo-<em>(bar)</em>'], // 364
  ['_foo*', '_foo*'], // 365
  ['*foo bar *', '*foo bar *'], // 366
  ['*(*foo)', '*(*foo)'], // 368
  ['*(*foo*)*', '<em>(<em>foo</em>)</em>'], // 369
  ['*foo*bar', '<em>foo</em>bar'], // 370
  ['_(_foo_)_', '<em>(<em>foo</em>)</em>'], // 373
  ['_foo_bar', '_foo_bar'], // 374
  ['_foo_bar_baz_', '<em>foo_bar_baz</em>'], // 376
  ['_(bar)_.', '<em>(bar)</em>.'], // 377
  ['**foo bar**', '<strong>foo bar</strong>'], // 378
  ['** foo bar**', '** foo bar**'], // 379
  ['a**"foo"**', 'a**"foo"**'], // 380
  ['foo**bar**', 'foo<strong>bar</strong>'], // 381
  ['**(**foo)', '**(**foo)'], // 392
  ['*(**foo**)*', '<em>(<strong>foo</strong>)</em>'], // 393
  ['**foo "*bar*" foo**', '<strong>foo "<em>bar</em>" foo</strong>'], // 395
  ['**foo**bar', '<strong>foo</strong>bar'], // 396
  ['*foo\nbar*', '<em>foo\nbar</em>'], // 405
  ['_foo *bar* baz_', '<em>foo <em>bar</em> baz</em>'],
  ['*foo **bar** baz*', '<em>foo <strong>bar</strong> baz</em>'], // 410
  ['*foo**bar**baz*', '<em>foo<strong>bar</strong>baz</em>'], // 411
  ['*foo**bar*', '<em>foo**bar</em>'], // 412
  ['***foo** bar*', '<em><strong>foo</strong> bar</em>'], // 413
  ['*foo **bar***', '<em>foo <strong>bar</strong></em>'], // 414
  ['foo***bar***baz', 'foo<em><strong>bar</strong></em>baz'], // 416
  ['** is not an empty emphasis', '** is not an empty emphasis'], // 419
  ['foo ***', 'foo ***'], // 434
  ['foo *\\**', 'foo <em>*</em>'], // 435
  ['foo *_*', 'foo <em>_</em>'], // 436
  ['**foo*', '*<em>foo</em>'], // 442
  ['*foo**', '<em>foo</em>*'], // 443
  ['****foo*', '***<em>foo</em>'], // 446
  ['**foo***', '<strong>foo</strong>*'],
  ['*foo**', '<em>foo</em>*'],
  ['****foo****', '<strong><strong>foo</strong></strong>'], // 461
  ['***foo***', '<em><strong>foo</strong></em>'], // 467
  ['*foo _bar* baz_', '<em>foo _bar</em> baz_'], // 470
  ['**foo **bar baz**', '**foo <strong>bar baz</strong>'], // 472
  ['*a `*`*', '<em>a <code>*</code></em>'], // 477
  /* not over a paragraph, nor an entry of a list */
  ['*a\n\nb*', '*a\n\nb*'],
  ['* a *b\n* c* d', '* a *b\n* c* d'],
  ['1. one\n2) *two*\n   - three', '1. one\n2) <em>two</em>\n   - three'],
  /* of this chat: no __, no single ~ */
  ['__init__.py and snake_case_name', '__init__.py and snake_case_name'],
  ['~~gone~~ ~here~ ~~~ ~~~x~~~', '<del>gone</del> ~here~ ~~~ ~~~x~~~'],
  ['**~~both~~**', '<strong><del>both</del></strong>'],
  ['2 * 3 * 4 ** 5', '2 * 3 * 4 ** 5'],
  ['**注意：**请看 **「重要」**です', '<strong>注意：</strong>请看 <strong>「重要」</strong>です'],
  ['**مرحبا** بكم', '<strong>مرحبا</strong> بكم'],
  ['**🎉 x**', '<strong>🎉 x</strong>'],
  /* escapes */
  ['\\*not emphasized\\* \\`a\\` \\~~b\\~~ \\_c\\_', '*not emphasized* `a` ~~b~~ _c_'], // 14
  ['\\\\server\\share \\d+ \\n', '\\\\server\\share \\d+ \\n'],
  ['\\> no quote', '> no quote'],
  /* code */
  ['`foo`', '<code>foo</code>'], // 328
  ['`` foo ` bar ``', '<code>foo ` bar</code>'], // 329
  ['` `` `', '<code>``</code>'], // 330
  ['` a`', '<code> a</code>'], // 332
  ['`foo\\`bar`', '<code>foo\\</code>bar`'], // 338
  ['``foo`bar``', '<code>foo`bar</code>'], // 339
  ['*foo`*`', '*foo<code>*</code>'], // 341
  ['```foo``', '```foo``'], // 347
  ['`foo', '`foo'], // 348
  ['`foo``bar``', '`foo<code>bar</code>'], // 349
  ['\\``a`', '`<code>a</code>'],
  ['`https://a.example/x`', '<code>https://a.example/x</code>'],
  /* blocks */
  ['```\n<\n >\n```', '<pre><\n ></pre>'], // 119
  ['```\naaa\n~~~\n```', '<pre>aaa\n~~~</pre>'], // 122
  ['````\naaa\n```\n``````', '<pre>aaa\n```</pre>'], // 124
  ['```\n\n  \n```', '<pre>\n  </pre>'], // 129
  ['```\n```', '<pre></pre>'], // 130
  ['foo\n```\nbar\n```\nbaz', '<p>foo</p><pre>bar</pre><p>baz</p>'], // 140
  ['```ruby\ndef foo(x)\n```', '<pre>def foo(x)</pre>'], // 142
  ['```\n*a* > b\n```', '<pre>*a* > b</pre>'],
  ['```block```', '<pre>block</pre>'],
  ['a ```block``` b', 'a <code>block</code> b'],
  ['```\nno end', '```\nno end'],
  /* quotes */
  ['> foo\n> *bar*', '<q><p>foo\n<em>bar</em></p></q>'],
  ['> foo\n---', '<q><p>foo</p></q><p>---</p>'], // 234
  ['> a\n>\n> b', '<q><p>a\n\nb</p></q>'],
  ['> > a\n> b', '<q><q><p>a</p></q><p>b</p></q>'],
  ['> > > > a', '<q><q><q><p>> a</p></q></q></q>'],
  ['> ```\n> x\n> ```', '<q><pre>x</pre></q>'],
  ['>:( and >_<', '>:( and >_<'],
  ['a > b', 'a > b'],
  /* links */
  ['see https://a.example/x_y_z*w* *now*', 'see <a>https://a.example/x_y_z*w</a>* <em>now</em>'],
  ['**https://a.example/b**', '<strong><a>https://a.example/b</a></strong>'],
  ['_(https://a.example/~u/)_', '<em>(<a>https://a.example/~u/</a>)</em>'],
  /* never markup */
  ['<b>x</b> &amp; [a](b) # h', '<b>x</b> &amp; [a](b) # h'],
  ['', ''],
];

const NAMES = ['Bob', 'Bob B', 'ann', '小明'];
const MENTIONS = [
  ['@bob, hi', '<at>@bob</at>, hi'],
  ['hi @Bob B and @ANN!', 'hi <at>@Bob B</at> and <at>@ANN</at>!'],
  ['@"Bob B"s', '<at>@"Bob B"</at>s'],
  ['*@ann*', '<em><at>@ann</at></em>'],
  ['@小明你好', '<at>@小明</at>你好'],
  ['`@ann` x@ann @dora', '<code>@ann</code> x@ann @dora'],
];

const LINKS = [
  ['https://a.example/x，谢谢。', 'https://a.example/x'],
  ['https://a.example/x。好', 'https://a.example/x'],
  ['https://a.example/x、y', 'https://a.example/x'],
  ['（见https://a.example/y）', 'https://a.example/y'],
  ['「https://a.example/y」', 'https://a.example/y'],
  ['انظر https://a.example/q، ثم', 'https://a.example/q'],
  ['هل رأيت https://a.example/r؟', 'https://a.example/r'],
  ['(see https://a.example/s).', 'https://a.example/s'],
  ['https://a.example/w_(t), and', 'https://a.example/w_(t)'],
  ['https://a.example/w_((t))).', 'https://a.example/w_((t))'],
  ['[https://a.example/x[1]]', 'https://a.example/x[1]'],
  ['https://a.example/?q=1&r=2;', 'https://a.example/?q=1&r=2'],
  ['Really https://a.example?!', 'https://a.example'],
  ['https://a.example/…', 'https://a.example/'],
  ['“https://a.example/x”', 'https://a.example/x'],
  ['https://a.example:8080/x: so', 'https://a.example:8080/x'],
  ['https://a.example/中文', 'https://a.example/中文'],
  ['HTTP://A.example', 'HTTP://A.example'],
  ['xhttps://a.example https:// ftp://a javascript:alert(1)', ''],
];

test('marks mean what CommonMark says, and stay as typed where they mean nothing', () => {
  for (const [text, wanted] of CASES) assert.equal(shown(text), wanted, text);
});

test('mentions are found by the names that the server gives', () => {
  for (const [text, wanted] of MENTIONS) assert.equal(shown(text, NAMES), wanted, text);
});

test('links end where a reader of Chinese, Arabic or English ends them', () => {
  for (const [text, wanted] of LINKS)
    assert.equal(
      webAddresses(text)
        .map(({ address }) => address)
        .join(),
      wanted,
      text,
    );
});

const SIZE = 16_384;
const fill = (piece) => piece.repeat(SIZE / piece.length);
const HOSTILE = [
  ...['*_~', '*a_b~~', '*a ', 'a* ', '**a *b ', '(*(_(~~', '`', '`a', '_a', 'a_ _', '*a**b***c', '\\*', '@', '@a '],
  ...[
    '> ',
    '> > > >\n',
    '```\n',
    '````\n```\n',
    '\n',
    ' \n',
    '- *a\n',
    'https://',
    'https://a ',
    '*',
    '~',
    '_',
    '(*',
    '\\',
  ],
].map(fill);
const LATE = [
  Array.from({ length: 180 }, (_, at) => '`'.repeat(at)).join(' '),
  `a**b${fill('c* ')}`,
  `${fill('*(_(').slice(0, SIZE / 2)}a${fill(')_)*').slice(0, SIZE / 2)}`,
  `https://a.example/${fill('(')}`,
  `https://a.example/${fill(')')}`,
  `https://a.example/${fill('.')}`,
  `\n${fill(' ')}`,
];

/* In ms of this process, for a busy machine takes longer. Of a text four times as long quadratic time is 16 times. */
const took = (text) => {
  const begin = process.cpuUsage();
  format(text, NAMES);
  const { user } = process.cpuUsage(begin);
  return user / 1000;
};

test('hostile text takes no quadratic time, and nests no deeper than a page can draw', () => {
  const depth = (part) => 1 + Math.max(0, ...(part.parts ?? part.blocks ?? []).map(depth));
  for (const text of [...HOSTILE, ...LATE]) {
    const words = JSON.stringify(text.slice(0, 20));
    const more = text.repeat(4);
    const [short, long] = [text, more].map((one) => Math.min(...[1, 2, 3].map(() => took(one))));
    assert.ok(long < 50 || long < 8 * short, `${words}: ${short} and ${long} ms`);
    assert.ok(
      format(text).every((block) => depth(block) < 20),
      words,
    );
  }
});

test('no text is lost: without its marks it is what was typed', () => {
  const letters = [
    'a',
    'b ',
    '*',
    '**',
    '_',
    '~~',
    '`',
    '``',
    '> ',
    '\n',
    '```\n',
    '@ann',
    '\\',
    '(',
    'https://a.example/',
  ];
  let seed = 7;
  const next = (most) => (seed = (seed * 48271) % 2147483647) % most;
  const words = (text) => text.replace(/[\s*_~`>\\]/g, '');
  const said = (part) =>
    typeof part === 'string' ? part : (part.text ?? (part.parts ?? part.blocks).map(said).join(''));
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: 1 + next(14) }, () => letters[next(letters.length)]).join('');
    assert.equal(words(format(text, NAMES).map(said).join('')), words(text), JSON.stringify(text));
  }
});
