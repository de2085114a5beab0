// The container file and the Kubernetes manifests, held to what the server does: their arguments
// start it, their probes are answered, their times fit its drain.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <regex>

#include "api/limits.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/shell.hpp"

namespace decklog::e2e::deploy_test {

namespace json = boost::json;

constexpr const char* kManifests = DECKLOG_SOURCE_DIR "/tools/deploy/kubernetes/";
constexpr const char* kCompose = DECKLOG_SOURCE_DIR "/tools/deploy/compose.yaml";
constexpr std::int64_t kDrainSeconds = 5;

/// Every document of a YAML file.
json::array documents_at(const std::string& path) {
    const Shell read = run_shell(
        "python3 -c 'import json,sys,yaml; "
        "print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))' '" +
        path + "'");
    EXPECT_EQ(read.exit_code, 0) << read.out;
    return json::parse(read.out).as_array();
}

json::array documents(const std::string& file) { return documents_at(kManifests + file); }

json::value at(const json::value& document, const std::string& pointer) {
    boost::system::error_code error;
    const json::value* found = document.find_pointer(pointer, error);
    EXPECT_NE(found, nullptr) << pointer << " in " << json::serialize(document);
    return found == nullptr ? json::value() : *found;
}

std::string text(const json::value& document, const std::string& pointer) {
    const json::value value = at(document, pointer);
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

/// By value: what `at` gave does not outlive its line.
json::array list(const json::value& value) {
    return value.is_array() ? value.get_array() : json::array();
}

std::int64_t number(const json::value& document, const std::string& pointer) {
    return at(document, pointer).to_number<std::int64_t>();
}

constexpr const char* kPod = "/spec/template/spec";
constexpr const char* kContainer = "/spec/template/spec/containers/0";

std::string in_pod(const std::string& rest) { return kPod + rest; }
std::string in_container(const std::string& rest) { return kContainer + rest; }

TEST(Kubernetes, ItsArgumentsStartTheServerAndItsProbesAreAnswered) {
    const json::value set = documents("statefulset.yaml").at(0);
    const json::value hooks = documents("services.yaml").at(1);
    const TemporaryFolder folder;
    std::vector<std::string> words{decklog_binary().string()};
    for (const json::value& word : list(at(set, in_container("/args"))))
        words.push_back(std::regex_replace(json::value_to<std::string>(word),
                                           std::regex("^0\\.0\\.0\\.0:[0-9]+$"), "127.0.0.1:0"));
    std::map<std::string, std::string> environment;
    for (const json::value& variable : list(at(set, in_container("/env"))))
        environment[text(variable, "/name")] = text(variable, "/value");
    EXPECT_EQ(environment.at("DECKLOG_DATA"), text(set, in_container("/volumeMounts/0/mountPath")));
    environment["DECKLOG_DATA"] = (folder.path() / "data").string();
    ServerProcess server(folder.path() / "data", environment);
    server.run_as(words);
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient client(server.url());
    for (const char* probe : {"/startupProbe", "/livenessProbe", "/readinessProbe"}) {
        const std::string path = text(set, in_container(probe) + "/httpGet/path");
        EXPECT_EQ(client.get(path).status, 200) << probe << path;
        EXPECT_EQ(text(set, in_container(probe) + "/httpGet/port"), "api");
    }
    const std::string hook_check =
        text(hooks, "/metadata/annotations/alb.ingress.kubernetes.io~1healthcheck-path");
    EXPECT_EQ(hook_check, "/ready?for=ingest");
    EXPECT_EQ(client.get(hook_check).status, 200);
    EXPECT_EQ(server.stop(), 0) << server.log();
}

TEST(Kubernetes, ProbesAskWhatTheContractSays) {
    const json::value set = documents("statefulset.yaml").at(0);
    EXPECT_EQ(text(set, in_container("/livenessProbe/httpGet/path")), "/live");
    EXPECT_EQ(text(set, in_container("/readinessProbe/httpGet/path")), "/ready");
    const std::int64_t recovery = number(set, in_container("/startupProbe/periodSeconds")) *
                                  number(set, in_container("/startupProbe/failureThreshold"));
    EXPECT_GE(recovery, 120) << "waiting for the lock and recovering take their time";
    EXPECT_GT(recovery, api::limits::kLockWait.count());
}

TEST(Kubernetes, OneWriterWithTimeToDrainAndNoPrivileges) {
    const json::value set = documents("statefulset.yaml").at(0);
    EXPECT_EQ(text(set, "/kind"), "StatefulSet");
    EXPECT_EQ(number(set, "/spec/replicas"), 1);
    EXPECT_GT(number(set, in_pod("/terminationGracePeriodSeconds")),
              kDrainSeconds + api::limits::kFinishDeadline.count());
    EXPECT_TRUE(at(set, in_pod("/securityContext/runAsNonRoot")).as_bool());
    EXPECT_FALSE(at(set, in_pod("/enableServiceLinks")).as_bool())
        << "DECKLOG_PORT would be a variable of the cluster";
    EXPECT_TRUE(at(set, in_container("/securityContext/readOnlyRootFilesystem")).as_bool());
    EXPECT_FALSE(at(set, in_container("/securityContext/allowPrivilegeEscalation")).as_bool());
    EXPECT_EQ(text(set, in_container("/securityContext/capabilities/drop/0")), "ALL");
    EXPECT_EQ(text(set, "/spec/volumeClaimTemplates/0/metadata/name"),
              text(set, in_container("/volumeMounts/0/name")));
    const std::string version = words_of(run_decklog({"--version"}).out).at(1);
    EXPECT_EQ(text(set, in_container("/image")), "decklog:" + version);
}

TEST(Kubernetes, ServicesAndBudgetFindThePod) {
    const json::value set = documents("statefulset.yaml").at(0);
    const json::value labels = at(set, "/spec/template/metadata/labels");
    EXPECT_EQ(at(set, "/spec/selector/matchLabels"), labels);
    const json::array services = documents("services.yaml");
    ASSERT_EQ(services.size(), 2U);
    for (const json::value& service : services) {
        EXPECT_EQ(at(service, "/spec/selector"), labels);
        const std::string port = text(service, "/spec/ports/0/targetPort");
        bool is_open = false;
        for (const json::value& open : list(at(set, in_container("/ports"))))
            is_open = is_open || (text(open, "/name") == port &&
                                  at(open, "/containerPort") == at(service, "/spec/ports/0/port"));
        EXPECT_TRUE(is_open) << port;
    }
    EXPECT_EQ(text(set, "/spec/serviceName"), text(services.at(0), "/metadata/name"));
    EXPECT_TRUE(at(services.at(1), "/spec/publishNotReadyAddresses").as_bool());
    const json::value budget = documents("poddisruptionbudget.yaml").at(0);
    EXPECT_EQ(at(budget, "/spec/selector/matchLabels"), labels);
    for (const json::value& file : list(at(documents("kustomization.yaml").at(0), "/resources")))
        EXPECT_FALSE(documents(json::value_to<std::string>(file)).empty());
}

/// The value of the last line that begins with `word`, continued lines joined.
std::string instruction(const std::string& file, const std::string& word) {
    std::string value;
    std::istringstream lines(with(file, "\\\n", ""));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(word + " ")) value = line.substr(word.size() + 1);
    }
    return value;
}

std::vector<std::string> exec_form(const std::string& value) {
    boost::system::error_code error;
    const json::value words =
        json::parse(value.substr(std::min(value.find('['), value.size())), error);
    EXPECT_FALSE(error.failed()) << value << " runs a shell";
    std::vector<std::string> all;
    if (words.is_array()) {
        for (const json::value& word : words.get_array())
            all.push_back(json::value_to<std::string>(word));
    }
    return all;
}

TEST(Container, StartsWithoutAShellAsNobodyAndChecksItself) {
    const std::string file = text_of(DECKLOG_SOURCE_DIR "/tools/deploy/Containerfile");
    EXPECT_TRUE(std::regex_match(instruction(file, "USER"), std::regex("[1-9][0-9]*:[1-9][0-9]*")))
        << "a cluster cannot tell that a name is not root";
    EXPECT_EQ(instruction(file, "STOPSIGNAL"), "SIGTERM");
    EXPECT_EQ(instruction(file, "ENV"), "DECKLOG_DATA=" + instruction(file, "VOLUME"));
    std::vector<std::string> words = exec_form(instruction(file, "ENTRYPOINT"));
    ASSERT_EQ(words, std::vector<std::string>{"/usr/bin/decklog"});
    words[0] = decklog_binary().string();
    for (const std::string& word : exec_form(instruction(file, "CMD")))
        words.push_back(word.starts_with("0.0.0.0:") ? "127.0.0.1:0" : word);
    const TemporaryFolder folder;
    const std::string data = (folder.path() / "data").string();
    ServerProcess server(data, {{"DECKLOG_DATA", data}, {"DECKLOG_DRAIN_SECONDS", "0"}});
    server.run_as(words);
    ASSERT_TRUE(server.start()) << server.log();
    std::vector<std::string> check = exec_form(instruction(file, "HEALTHCHECK"));
    ASSERT_EQ(check.at(0), "/usr/bin/decklog");
    check.erase(check.begin());
    EXPECT_EQ(run_decklog(check, {{"DECKLOG_DATA", data}}).exit_code, 0);
    EXPECT_EQ(server.stop(), 0) << server.log();
    EXPECT_NE(run_decklog(check, {{"DECKLOG_DATA", data + "-gone"}}).exit_code, 0);
}

TEST(Compose, ItsNodesAndBrokersNameEachOther) {
    const std::string known = text_of(DECKLOG_SOURCE_DIR "/docs/configuration.md");
    std::string nodes, brokers;
    const json::value compose = documents_at(kCompose).at(0);
    for (const auto& [name, service] : compose.at("services").as_object()) {
        const json::object& settings = service.at("environment").as_object();
        const bool is_node = name.starts_with("node-");
        std::string& all = is_node ? nodes : brokers;
        if (!all.empty()) all += ",";
        if (!is_node) {
            const std::string listener(settings.at("KAFKA_ADVERTISED_LISTENERS").as_string());
            all += listener.substr(std::string("PLAINTEXT://").size());
            continue;
        }
        all += std::string(settings.at("DECKLOG_ADVERTISED_URL").as_string());
        for (const auto& [variable, value] : settings)
            EXPECT_NE(known.find("`" + std::string(variable) + "`"), std::string::npos) << variable;
    }
    const json::value& node = compose.at("services").at("node-1").at("environment");
    EXPECT_EQ(node.at("DECKLOG_PEERS").as_string(), nodes);
    EXPECT_EQ(node.at("DECKLOG_KAFKA_BROKERS").as_string(), brokers);
}

}  // namespace decklog::e2e::deploy_test
