# Prints "NAMESPACE::TYPE FILE:LINE" for each class, struct, union and enum that a C++ file defines in a named namespace,
# outside of classes and functions. Anonymous namespaces and specialisations of templates are left out.

function begin_file() {
  depth = 0
  count = 0
  raw = ""
  in_comment = continued = 0
}

function forget() { count = 0 }

# The enclosing namespaces, or "-" inside anything else.
function scope(    i, path) {
  for (i = 1; i <= depth; ++i) {
    if (names[i] == "-") return "-"
    if (names[i] != "") path = path names[i] "::"
  }
  return path
}

# words[1..count] stand before a brace: what it opens. "" is transparent (extern "C"), "-" hides what is in it.
function opened(    i, name, angle) {
  i = 1
  while (words[i] == "template" && i <= count) {
    angle = 0
    for (++i; i <= count; ++i) {
      if (words[i] == "<") ++angle
      if (words[i] == ">" && --angle == 0) { ++i; break }
    }
  }
  if (words[i] == "inline") ++i
  if (words[i] == "extern" && i == count) return ""
  if (words[i] == "namespace") {
    for (++i; i <= count; ++i) name = name words[i]
    return name == "" ? "-" : name
  }
  if (words[i] == "typedef") ++i
  if (words[i] !~ /^(class|struct|union|enum)$/) return "-"
  for (++i; i <= count && words[i] ~ /^(class|struct|\[|\]|nodiscard|maybe_unused)$/;) ++i
  if (words[i] == "alignas") while (i <= count && words[i++] != ")") {}
  if (words[i] !~ /^[A-Za-z_]/ || words[i + 1] ~ /^(<|\(|::)$/) return "-"
  for (name = i; name <= count; ++name) if (words[name] == "(") return "-"
  if (scope() != "-") print scope() words[i], FILENAME ":" FNR
  return "-"
}

function read_words(text,    word) {
  while (match(text, /[A-Za-z_][A-Za-z_0-9]*|::|[][{};<>(),=:]/)) {
    word = substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
    if (word == "{") {
      names[depth + 1] = opened()
      ++depth
      forget()
    } else if (word == "}") {
      if (depth > 0) --depth
      forget()
    } else if (word == ";") {
      forget()
    } else {
      words[++count] = word
      words[count + 1] = ""
    }
  }
}

FNR == 1 { begin_file() }

{
  line = $0
  if (raw != "") {  # a raw string goes on
    end = index(line, raw)
    if (end == 0) next
    line = substr(line, end + length(raw))
    raw = ""
  }
  if (in_comment) {
    end = index(line, "*/")
    if (end == 0) next
    line = substr(line, end + 2)
    in_comment = 0
  }
  if (continued || line ~ /^[ \t]*#/) {
    continued = line ~ /\\$/
    next
  }
  if (match(line, /R"[A-Za-z_]*\(/)) {
    raw = ")" substr(line, RSTART + 2, RLENGTH - 3) "\""
    rest = substr(line, RSTART + RLENGTH)
    line = substr(line, 1, RSTART - 1)
    end = index(rest, raw)
    if (end > 0) {
      line = line substr(rest, end + length(raw))
      raw = ""
    }
  }
  gsub(/\\\\/, "", line)
  gsub(/\\["']/, "", line)
  gsub(/"[^"]*"/, " ", line)
  gsub(/'[^']'/, " ", line)
  sub(/\/\/.*/, "", line)
  gsub(/\/\*[^*]*\*\//, " ", line)
  if ((end = index(line, "/*")) > 0) {
    line = substr(line, 1, end - 1)
    in_comment = 1
  }
  read_words(line)
}
