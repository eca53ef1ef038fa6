import Testing

/// The bridge's folders stand on floors: a lower one does not name the types of a higher one.
@Suite("The bridge's floors")
struct LayerTests {
    /// From the ground up. A file that is named stands elsewhere than its folder.
    private static let layers: [[String]] = [
        ["Values/", "Concurrency/", "BridgeError.swift", "Policy/Verdict.swift", "Prompt/UntrustedText.swift"],
        ["HTTP/", "Telemetry/", "Policy/", "Retrieval/", "Registry/ServerConfiguration.swift"],
        ["LLM/"],
        ["Ports/"],
        ["MCP/", "MCPServer/", "Prompt/"],
        ["Registry/"],
        ["SettingsSnapshot.swift"],
        ["Agent/"],
        ["Bridge.swift"],
    ]

    @Test("a floor names no type of a higher floor")
    func upwards() {
        let problems = Self.violations(in: SourceTree.files(in: "Sources/Bridge"))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))\nMove the type down, or ask through a port.")
    }

    @Test("a name of a higher floor is found")
    func alive() {
        let low = SourceFile(path: "Sources/Bridge/Values/A.swift", text: "struct Low { var high: High }")
        let high = SourceFile(path: "Sources/Bridge/Agent/B.swift", text: "package final class High { let low: Low }")
        #expect(Self.violations(in: [low, high]).count == 1)
    }

    private static func violations(in files: [SourceFile]) -> [String] {
        let homes = Dictionary(
            files.flatMap { file in
                file.matches(#"^(package )?(final )?(struct|class|enum|actor|protocol|typealias) \w+"#, in: .code)
                    .map { (name($0), file) }
            }, uniquingKeysWith: { first, _ in first })
        var problems: [String] = []
        for file in files {
            let layer = layer(of: file)
            if layer < 0 { problems.append("\(file.path):1: stands on no floor; put its folder on one in this test.") }
            let own = Set(
                file.matches(#"\b(struct|class|enum|actor|protocol|typealias|case) \w+"#, in: .code).map(name))
            for found in file.matches(#"(?<![\w.])[A-Z]\w+"#, in: .code) where !own.contains(found.match) {
                guard let home = homes[found.match], Self.layer(of: home) > layer else { continue }
                problems.append("\(file.path):\(found.line): names \(found.match) of \(home.path), a higher floor.")
            }
        }
        return problems
    }

    private static func name(_ found: (line: Int, match: String)) -> String {
        String(found.match.split(separator: " ").last ?? "")
    }

    /// -1 when its folder is new.
    private static func layer(of file: SourceFile) -> Int {
        let path = file.path.dropFirst("Sources/Bridge/".count)
        let named = layers.firstIndex { $0.contains(String(path)) }
        return named ?? layers.firstIndex { $0.contains { path.hasPrefix($0) } } ?? -1
    }
}
