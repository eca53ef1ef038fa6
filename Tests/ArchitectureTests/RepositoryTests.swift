import Foundation
import TestKit
import Testing

/// Rules that concern more than one file.
@Suite("The repository", .timeLimit(.minutes(3)))
struct RepositoryTests {
    @Test("no text contains a path of a developer's machine")
    func machines() async throws {
        let endings: Set = [
            "swift", "py", "md", "yaml", "yml", "json", "html", "css", "js", "h", "modulemap", "txt", "",
        ]
        let folders = ["Sources", "Tests", "docs", "scripts", "config", "demo", "bench", ".ci"]
        let tops = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "Package.swift"]
        let files: [SourceFile]
        if let tracked = try await Self.tracked() {
            files = tracked.filter { path in
                let url = SourceTree.root.appending(path: path)
                let isInFolder = folders.contains { path.hasPrefix("\($0)/") }
                return tops.contains(path) || isInFolder && endings.contains(url.pathExtension)
            }.compactMap(SourceTree.file)
        } else {
            // Results of benchmarks name the machine on which they ran.
            let all = folders.flatMap { SourceTree.files(in: $0, endings: endings) }
            files = all.filter { !$0.path.hasPrefix("bench/results/") } + tops.compactMap(SourceTree.file)
        }
        #expect(files.count > 100, "the source is not found any more; mend this test.")
        let problems = files.filter { !$0.path.hasPrefix("Tests/ArchitectureTests/") }.flatMap { file in
            file.matches(#"(?<![\w.}/])/(home|root|Users|work|workspace|mnt)/"#, in: .text)
                .map { "\(file.path):\($0.line): names `\($0.match)`. Say it from the repository's root." }
        }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    /// The files that git tracks, without untracked ones; nil when there is no git.
    private static func tracked() async throws -> [String]? {
        let root = SourceTree.root
        guard FileManager.default.fileExists(atPath: root.appending(path: ".git").path) else { return nil }
        // The owner of the folder may be another user, as in a container; git needs safe.directory then.
        let list = try await runProgram(
            "/usr/bin/env", ["git", "-c", "safe.directory=*", "ls-files", "-z"], folder: root.path)
        guard list.status == 0 else { return nil }
        return list.output.split(separator: "\0").map(String.init)
    }

    @Test("the set-up script installs each library that the package names")
    func setup() throws {
        let package = try #require(SourceTree.file("Package.swift"))
        let setup = try #require(SourceTree.file("scripts/setup"))
        // GRDB is a package of its own and needs the SQLite library.
        var wanted: Set = ["libsqlite3-dev"]
        for found in package.matches(#"\.apt\(\[.*?\]\)"#, in: .text) {
            for name in found.match.split(separator: "\"") where name.hasSuffix("-dev") { wanted.insert(String(name)) }
        }
        #expect(wanted.count >= 4, "Package.swift names no system libraries any more; mend this test.")
        let installed = Set(setup.text.split { $0.isWhitespace || $0 == "\"" }.map(String.init))
        let missing = wanted.subtracting(installed).sorted()
        #expect(missing.isEmpty, "scripts/setup: add \(missing.joined(separator: ", ")) to build_packages.")
    }

    /// Hosts that tests use as values and never connect to, with the reason.
    private static let unvisited: [String: String] = [
        "api.slack.com": "links in payloads and text",
        "hooks.slack.com": "an address that must be accepted, or refused, before anything connects",
    ]

    @Test("tests connect to loopback only")
    func loopback() {
        var problems: [String] = []
        for file in SourceTree.files(in: "Tests", endings: ["swift", "py"])
        where !file.path.hasPrefix("Tests/ArchitectureTests/") {
            for found in file.matches(#"\b(https?|wss?)://[^/\s"'`|<>)]*"#, in: .uncommented) {
                let host = Self.host(of: found.match)
                guard !Self.isHarmless(host), Self.unvisited[host] == nil else { continue }
                problems.append(
                    "\(file.path):\(found.line): names the host \(host). Use 127.0.0.1, or a name below .example.")
            }
        }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    private static func host(of address: String) -> String {
        let authority = address.drop { $0 != "/" }.dropFirst(2)
        let host = authority.split(separator: "@").last ?? ""
        return host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
    }

    /// Loopback, reserved names (RFC 2606), names without a dot, and placeholders of a test.
    private static func isHarmless(_ host: String) -> Bool {
        host == "127.0.0.1" || host == "localhost" || host == "[::1]" || host == "0.0.0.0" || !host.contains(".")
            || [".example", ".invalid", ".test", ".localhost"].contains { host.hasSuffix($0) }
            || host.contains("{") || host.contains("\\")
    }

    @Test("ARCHITECTURE.md names each folder of the source")
    func map() throws {
        let map = try #require(SourceTree.file("ARCHITECTURE.md"))
        let folders = Set(
            SourceTree.files(in: "Sources").map { $0.path.split(separator: "/").dropFirst().dropLast().prefix(2) }
                .filter { !$0.isEmpty }.map { $0.joined(separator: "/") })
        let missing = folders.filter { !map.text.contains("\($0)/") && !map.text.contains("`\($0)`") }.sorted()
        #expect(missing.isEmpty, "ARCHITECTURE.md: say what \(missing.joined(separator: ", ")) is for.")
    }

    @Test("each file that docs/code-map.md names exists")
    func codeMap() throws {
        let map = try #require(SourceTree.file("docs/code-map.md"))
        let named = map.matches(#"`[A-Za-z/+]+\.swift`"#, in: .text)
        #expect(named.count > 40, "docs/code-map.md names no files any more; mend this test.")
        for found in named {
            let path = "Sources/\(found.match.dropFirst().dropLast())"
            #expect(SourceTree.file(path) != nil, "docs/code-map.md:\(found.line): there is no \(path).")
        }
    }

    @Test("README.md shows each command")
    func commands() throws {
        let readme = try #require(SourceTree.file("README.md"))
        let main = try #require(SourceTree.file("Sources/SlackBot/CLI/Main.swift"))
        let list = try #require(main.code.firstMatch(of: /subcommands: \[([\s\S]*?)\]/))
        let types = list.1.split { $0 == "," || $0.isWhitespace }.map { $0.prefix { $0 != "." } }
        #expect(types.count > 5, "Main.swift lists no commands any more; mend this test.")
        let files = SourceTree.files(in: "Sources/SlackBot/CLI")
        for type in types {
            let file = try #require(files.first { $0.code.contains("struct \(type): AsyncParsableCommand") }, "\(type)")
            if file.code.contains("shouldDisplay: false") { continue }
            let named = file.uncommented.firstMatch(of: /commandName: "([\w-]+)"/).map { String($0.1) }
            let name = named ?? type.lowercased()
            let isShown = readme.text.contains("omni \(name)")
            #expect(isShown, "README.md: add `omni \(name)` to the table of commands.")
        }
    }

    @Test("links between documents have existing targets")
    func links() {
        let documents =
            SourceTree.files(in: "docs", endings: ["md"])
            + ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].compactMap(SourceTree.file)
        for document in documents {
            let folder = SourceTree.root.appending(path: document.path).deletingLastPathComponent()
            for found in document.matches(#"\]\([^)#:\s]+"#, in: .text) {
                let target = String(found.match.dropFirst(2))
                #expect(
                    FileManager.default.fileExists(atPath: folder.appending(path: target).path),
                    "\(document.path):\(found.line): links \(target), which is not there.")
            }
        }
    }
}
