// Which folder may include which: the picture of the architecture, held by a test over #include
// lines. The link graph says the same about libraries, but not about headers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::layering_test {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

// Nothing but tools and tests may use api; nothing but tests may use tools; nothing may use tests.
const std::map<std::string, std::set<std::string>, std::less<>> kMayUse{
    {"domain", {"domain"}},
    {"store", {"store", "domain"}},
    {"projections", {"projections", "store", "domain"}},
    {"ingest", {"ingest", "store", "domain"}},
    {"api", {"api", "ingest", "projections", "store", "domain"}},
    {"tools", {"tools", "api", "ingest", "projections", "store", "domain"}},
    {"tests", {"tests", "tools", "api", "ingest", "projections", "store", "domain"}},
};

// Beyond the standard library, what each folder may know of the outside: the pure one nothing that
// does I/O.
const std::set<std::string, std::less<>> kLibrariesOfDomain{"flatbuffers", "date", "tl"};

struct Include {
    bool is_quoted = false;
    std::string path;
};

/// Takes `word` and the blanks before it off the front.
bool take(std::string_view& line, std::string_view word) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
}

std::vector<Include> includes_of(const std::string& source) {
    std::vector<Include> includes;
    std::istringstream lines(source);
    for (std::string text; std::getline(lines, text);) {
        std::string_view line = text;
        if (!take(line, "#") || !take(line, "include")) continue;
        const bool is_quoted = take(line, "\"");
        if (!is_quoted && !take(line, "<")) continue;
        includes.push_back({is_quoted, std::string(line.substr(0, line.find_first_of("\">")))});
    }
    return includes;
}

std::string first_folder(std::string_view path) {
    return std::string(path.substr(0, path.find('/')));
}

bool is_standard(std::string_view path) {
    return path.find('/') == std::string_view::npos && path.find('.') == std::string_view::npos;
}

/// What is wrong with one include of a file in `folder`; empty: nothing.
std::string objection(const std::string& folder, const Include& include) {
    const std::string target = first_folder(include.path);
    const bool is_ours = kMayUse.contains(target) && include.path.find('/') != std::string::npos;
    if (include.is_quoted && !is_ours) return "not written from the root";
    if (is_ours)
        return kMayUse.find(folder)->second.contains(target) ? ""
                                                             : folder + " may not use " + target;
    if (folder == "domain" && !is_standard(include.path) && !kLibrariesOfDomain.contains(target)) {
        return "domain may not use " + target;
    }
    return {};
}

/// `path` is relative to the root.
std::vector<std::string> objections(const std::string& path, const std::string& source) {
    std::vector<std::string> found;
    for (const Include& include : includes_of(source)) {
        const std::string text = objection(first_folder(path), include);
        if (!text.empty()) found.push_back(path + ": " + include.path + ": " + text);
    }
    if (path.ends_with(".hpp") && source.find("#pragma once") == std::string::npos)
        found.push_back(path + ": no #pragma once");
    return found;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> sources() {
    std::vector<fs::path> found;
    for (const auto& [folder, uses] : kMayUse) {
        if (!fs::exists(fs::path(DECKLOG_SOURCE_DIR) / folder)) continue;
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(DECKLOG_SOURCE_DIR) / folder)) {
            const auto extension = entry.path().extension();
            if (extension == ".hpp" || extension == ".cpp") found.push_back(entry.path());
        }
    }
    return found;
}

TEST(Layering, EveryIncludeKeepsToTheLayers) {
    const auto files = sources();
    ASSERT_GT(files.size(), 20U) << "the tree was not found at " << DECKLOG_SOURCE_DIR;
    for (const fs::path& file : files) {
        EXPECT_THAT(objections(fs::relative(file, DECKLOG_SOURCE_DIR).generic_string(), read(file)),
                    IsEmpty());
    }
}

// Beast costs many seconds and much memory a file to compile, so it lives in two of them.
TEST(Layering, BeastStaysInTwoFiles) {
    std::vector<std::string> users;
    for (const fs::path& file : sources()) {
        if (first_folder(fs::relative(file, DECKLOG_SOURCE_DIR).generic_string()) == "tests")
            continue;
        const auto includes = includes_of(read(file));
        if (std::any_of(includes.begin(), includes.end(),
                        [](const Include& i) { return i.path.starts_with("boost/beast"); })) {
            users.push_back(file.string());
        }
    }
    EXPECT_LE(users.size(), 2U) << testing::PrintToString(users);
}

TEST(Layering, ObjectsToEveryWrongDirection) {
    for (const auto& [folder, uses] : kMayUse) {
        for (const auto& [target, ignored] : kMayUse) {
            const std::string source = "#pragma once\n#include \"" + target + "/x.hpp\"\n";
            EXPECT_THAT(objections(folder + "/y.hpp", source),
                        SizeIs(uses.contains(target) ? 0 : 1))
                << folder << " " << target;
        }
    }
}

TEST(Layering, ObjectsToAngleBracketsSpacesAndRelativePaths) {
    EXPECT_THAT(objections("domain/x.cpp", "#include <store/ledger.hpp>\n"), SizeIs(1));
    EXPECT_THAT(objections("domain/x.cpp", "  #  include \"store/ledger.hpp\"\n"), SizeIs(1));
    EXPECT_THAT(objections("domain/x.cpp", "#include \"../store/ledger.hpp\"\n"), SizeIs(1));
    EXPECT_THAT(objections("store/x.cpp", "#include \"ledger.hpp\"\n"), SizeIs(1));
    EXPECT_THAT(objections("store/x.hpp", "#include \"domain/ids.hpp\"\n"), SizeIs(1))
        << "no #pragma once";
}

TEST(Layering, KeepsDomainFromTheOutside) {
    EXPECT_THAT(objections("domain/x.cpp", "#include <boost/json.hpp>\n"), SizeIs(1));
    EXPECT_THAT(objections("domain/x.cpp", "#include <sodium.h>\n"), SizeIs(1));
    EXPECT_THAT(objections("domain/x.cpp", "#include <unistd.h>\n"), SizeIs(1));
    EXPECT_THAT(
        objections("domain/x.cpp",
                   "#include <date/date.h>\n#include <vector>\n#include <tl/expected.hpp>\n"),
        IsEmpty());
    EXPECT_THAT(objections("store/x.cpp", "#include <boost/json.hpp>\n"), IsEmpty());
}

}  // namespace decklog::layering_test
