-- What filters for references do with equations, for tests of the order of filters: one with
-- the ids {#eq:a} and @eq:a, or with {#eq-a} and @eq-a. LaTeX has a form of its own.

local SEPARATOR = os.getenv("MDIFF_TEST_IDS")
local WRITER = os.getenv("MDIFF_TEST_WRITER")
local numbers, count = {}, 0

local function numbered(formula, id)
  count = count + 1
  numbers[id] = count
  if WRITER == "latex" then
    local label = SEPARATOR == ":" and "\\label{" .. id .. "}" or ""
    return {
      pandoc.RawInline("latex", "\\begin{equation}"),
      pandoc.Span({ pandoc.RawInline("latex", formula.text) }, pandoc.Attr(id)),
      pandoc.RawInline("latex", label .. "\\end{equation}"),
    }
  end
  formula.text = formula.text .. "\\qquad{(" .. count .. ")}"
  return { pandoc.Span({ formula }, pandoc.Attr(id)) }
end

local function equations(inlines)
  local made, index = pandoc.List(), 1
  while index <= #inlines do
    local inline, behind = inlines[index], index + 1
    while inlines[behind] and inlines[behind].t == "Space" do
      behind = behind + 1
    end
    local id = inline.t == "Math" and inline.mathtype == "DisplayMath" and inlines[behind]
      and inlines[behind].t == "Str" and inlines[behind].text:match("^{#(eq" .. SEPARATOR .. "[^}]*)}$")
    if id then
      made:extend(numbered(inline, id))
      index = behind
    else
      made:insert(inline)
    end
    index = index + 1
  end
  return made
end

local function reference(cite)
  local number = numbers[cite.citations[1].id]
  return number and pandoc.Str("eq. " .. number)
end

return { { Inlines = equations }, { Cite = reference } }
