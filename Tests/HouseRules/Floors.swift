import Testing

/// The bridge's folders stand on floors: a lower one does not name the types of a higher one.
@Suite("The bridge's floors")
struct FloorTests {
    /// From the ground up. A file that is named stands elsewhere than its folder.
    private static let floors: [[String]] = [
        ["Words/", "BridgeError.swift", "Policy/Verdict.swift", "Prompt/Fence.swift"],
        ["Wire/", "Telemetry/", "Policy/", "Retrieval/", "Registry/ServerConfiguration.swift"],
        ["LLM/"],
        ["Ports/"],
        ["MCP/", "MCPServer/", "Prompt/"],
        ["Registry/"],
        ["Snapshot.swift"],
        ["Agent/"],
        ["Bridge.swift"],
    ]

    @Test("a floor names no type of a higher floor")
    func upwards() {
        let files = SourceTree.files(in: "Sources/Bridge")
        var homes: [String: (floor: Int, path: String)] = [:]
        for file in files {
            for found in file.matches(
                #"^(package )?(final )?(struct|class|enum|actor|protocol|typealias) \w+"#, in: .code)
            {
                homes[Self.name(found)] = (Self.floor(of: file), file.path)
            }
        }
        #expect(homes.count > 80, "the bridge's types are not found any more; mend this test")
        var problems: [String] = []
        for file in files {
            let floor = Self.floor(of: file)
            let own = Set(
                file.matches(#"\b(struct|class|enum|actor|protocol|typealias|case) \w+"#, in: .code).map(Self.name))
            #expect(floor >= 0, "\(file.path): stands on no floor; put its folder on one in this test.")
            for found in file.matches(#"(?<![\w.])[A-Z]\w+"#, in: .code) {
                guard let home = homes[found.match], home.floor > floor, !own.contains(found.match) else { continue }
                problems.append("\(file.path):\(found.line): names \(found.match) of \(home.path), a higher floor.")
            }
        }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))\nMove the type down, or ask through a port.")
    }

    private static func name(_ found: (line: Int, match: String)) -> String {
        String(found.match.split(separator: " ").last ?? "")
    }

    /// -1 when its folder is new.
    private static func floor(of file: SourceFile) -> Int {
        let path = file.path.dropFirst("Sources/Bridge/".count)
        let named = floors.firstIndex { $0.contains(String(path)) }
        return named ?? floors.firstIndex { $0.contains { path.hasPrefix($0) } } ?? -1
    }
}
