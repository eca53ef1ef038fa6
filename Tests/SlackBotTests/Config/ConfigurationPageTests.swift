import Testing

@testable import SlackBot

/// docs/configuration.md, the decoder and the shipped files agree.
@Suite("The page that describes the configuration")
struct ConfigurationPageTests {
    static let files = SettingsLoader.fileNames

    /// The keys in the first column of the tables under a file's heading.
    static func keys(of file: String, in page: String) -> Set<String> {
        var keys: Set<String> = []
        var isInside = false
        for line in page.split(separator: "\n") {
            if line.hasPrefix("## ") { isInside = line == "## \(file)" }
            guard isInside, line.hasPrefix("| `") else { continue }
            let cell = line.split(separator: "|").first ?? ""
            for match in cell.matches(of: #/`([^`]+)`/#) { keys.insert(String(match.output.1)) }
        }
        return keys
    }

    /// The keys that hold a value: those that are not a prefix of another key's path.
    static func leaves(_ keys: Set<String>) -> Set<String> {
        keys.filter { key in !keys.contains { $0.hasPrefix("\(key).") || $0.hasPrefix("\(key)[") } }
    }

    @Test("each key that the decoder knows is on the page, and the reverse")
    func pageAndDecoder() throws {
        let page = try ConfigFixtures.text("docs/configuration.md")
        let known = try ConfigFixtures.withFolder(ConfigFixtures.shippedInFull()) {
            SettingsLoader.knownKeys(folder: $0, environment: EnvironmentVariables(ConfigFixtures.environment))
        }
        for file in Self.files {
            let onPage = Self.keys(of: file, in: page)
            let decoded = known[file] ?? []
            #expect(Self.leaves(decoded).subtracting(onPage).sorted() == [], "\(file): missing on the page")
            #expect(onPage.subtracting(decoded).sorted() == [], "\(file): on the page and unknown to the decoder")
        }
    }

    @Test("each key that the decoder knows is in the shipped files, active or as a commented-out example")
    func decoderAndShippedFiles() throws {
        let shipped = try ConfigFixtures.shippedInFull()
        let known = try ConfigFixtures.withFolder(shipped) {
            SettingsLoader.knownKeys(folder: $0, environment: EnvironmentVariables(ConfigFixtures.environment))
        }
        for file in Self.files {
            let text = shipped[file] ?? ""
            for key in Self.leaves(known[file] ?? []) {
                let name = key.split(separator: ".").last.map(String.init) ?? key
                #expect(text.contains("\(name):"), "\(file) does not show \(key)")
            }
        }
    }

    @Test("the page names each key that is accepted without effect")
    func effectless() throws {
        let page = try ConfigFixtures.text("docs/configuration.md")
        for file in SettingsLoader.fileNames {
            for pattern in IgnoredKeys.patterns(of: file) {
                let name = pattern.split(separator: ".").last.map(String.init) ?? pattern
                #expect(page.contains("`\(name)`"), "\(file) \(pattern)")
            }
        }
    }
}
