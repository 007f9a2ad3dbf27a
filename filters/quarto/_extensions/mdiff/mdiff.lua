--- Runs the filter mdiff-pandoc from Quarto, or from pandoc --lua-filter.
-- Quarto takes no filter from the PATH, and tells no filter the name of the document.

local PROGRAM = "mdiff-pandoc"

local MISSING = [[
mdiff: the program mdiff-pandoc is not on the PATH.
Install it with

    python -m pip install mdiff-pandoc

and start Quarto where that Python is active, or name the Python that has it in the
environment variable QUARTO_PYTHON.]]

local FAILED = "mdiff: the document was not built.\n"

local function input_file()
  if quarto and quarto.doc and quarto.doc.input_file then
    return quarto.doc.input_file
  end
  return PANDOC_STATE.input_files[1]
end

-- Messages name the document by what the environment says.
local function with_file_name(action)
  local environment = pandoc.system.environment()
  local file = input_file()
  if environment.MDIFF_FILE or not file or file == "-" then
    return action()
  end
  environment.MDIFF_FILE = pandoc.path.make_relative(file, pandoc.system.get_working_directory())
  return pandoc.system.with_environment(environment, action)
end

local function run(doc, program, arguments)
  return pcall(with_file_name, function()
    return pandoc.utils.run_json_filter(doc, program, arguments)
  end)
end

local function not_found(problem)
  return tostring(problem):find("Could not find executable", 1, true) ~= nil
end

function Pandoc(doc)
  local done, result = run(doc, PROGRAM, { FORMAT })
  if not done and not_found(result) then
    local python = os.getenv("QUARTO_PYTHON")
    if not python then
      error(MISSING, 0)
    end
    done, result = run(doc, python, { "-m", "mdiff_pandoc.filter", FORMAT })
  end
  if not done then
    error(FAILED .. tostring(result), 0)
  end
  return result
end
