import Testing

/// The folders of Bridge form layers: a file names no type of a higher layer.
@Suite("The layers of Bridge")
struct LayerTests {
    /// From the lowest layer up. A file named here belongs to a layer other than its folder's.
    private static let layers: [[String]] = [
        ["Values/", "Concurrency/", "BridgeError.swift", "Policy/Verdict.swift", "Prompt/UntrustedText.swift"],
        ["HTTP/", "Telemetry/", "Policy/", "Retrieval/", "Registry/ServerConfiguration.swift"],
        ["LLM/"],
        ["Ports/"],
        ["MCP/", "MCPServer/", "Prompt/", "BuiltInTools/"],
        ["Registry/"],
        ["SettingsSnapshot.swift"],
        ["Agent/"],
        ["Bridge.swift"],
    ]

    @Test("a layer names no type of a higher layer")
    func upwards() {
        let problems = Self.violations(in: SourceTree.files(in: "Sources/Bridge"))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))\nMove the type down, or ask through a port.")
    }

    @Test("a name of a higher layer is found")
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
            if layer < 0 { problems.append("\(file.path):1: is in no layer; put its folder into one in this test.") }
            let own = Set(
                file.matches(#"\b(struct|class|enum|actor|protocol|typealias|case) \w+"#, in: .code).map(name))
            for found in file.matches(#"(?<![\w.])[A-Z]\w+"#, in: .code) where !own.contains(found.match) {
                guard let home = homes[found.match], Self.layer(of: home) > layer else { continue }
                problems.append("\(file.path):\(found.line): names \(found.match) of \(home.path), a higher layer.")
            }
        }
        return problems
    }

    private static func name(_ found: (line: Int, match: String)) -> String {
        String(found.match.split(separator: " ").last ?? "")
    }

    /// The layer's index; -1 when the folder is in none.
    private static func layer(of file: SourceFile) -> Int {
        let path = file.path.dropFirst("Sources/Bridge/".count)
        let named = layers.firstIndex { $0.contains(String(path)) }
        return named ?? layers.firstIndex { $0.contains { path.hasPrefix($0) } } ?? -1
    }
}
