import Testing

@testable import Bridge

@Suite("Secrets in the texts of MCP servers")
struct RedactionTests {
    @Test("secrets and control characters are removed from the texts of servers")
    func redaction() {
        let configuration = ServerConfiguration(
            name: "s", transport: .stdio(command: "c", arguments: [], directory: nil, environment: ["K": "hunter22"]),
            credentials: [.init(name: "Authorization", value: Secret("Bearer abcdef"))])
        let line = Redaction(configuration).line("a hunter22\nBearer abcdef and abcdef\u{1B}[0m")
        #expect(line == "a ‹secret› | ‹secret› and ‹secret›[0m")
        #expect(Redaction([]).line(String(repeating: "x", count: 900)).count == 500)
    }

    private func redacted(_ text: String, arguments: [String]) -> String {
        let transport = ServerConfiguration.Transport.stdio(
            command: "npx-of-ours", arguments: arguments, directory: nil, environment: [:])
        return Redaction(ServerConfiguration(name: "s", transport: transport)).line(text)
    }

    @Test(
        "a token in a server's arguments is not shown in its last output",
        arguments: [
            ["--header", "Authorization: Bearer sesame-7"], ["--header=Authorization:Bearer sesame-7"],
            ["--api-key", "sesame-7"], ["--token=sesame-7"], ["-e", "API_KEY=sesame-7"], ["sesame-7"],
            ["postgresql://omni:sesame-7@db.example/shop"], ["https://h.example/mcp?key=sesame-7&page=1"],
        ])
    func argumentSecrets(arguments: [String]) {
        for text in ["refused: sesame-7", "started with \(arguments.joined(separator: " ")) at 9:00"] {
            let line = redacted(text, arguments: arguments)
            #expect(!line.contains("sesame-7"), "\(line)")
            #expect(line.contains("‹secret›"))
        }
    }

    @Test("the parts of the last output that help an administrator stay")
    func harmlessArguments() {
        let arguments = [
            "-y", "--verbose", "@modelcontextprotocol/server-files", "/srv/omni/files", "./main.js", "npx-of-ours",
            "https://mcp.example/mcp", "--port", "8080", "--root=/srv/omni", "stdio",
        ]
        let text = arguments.joined(separator: " ")
        #expect(redacted(text, arguments: arguments) == text)
        #expect(redacted("given /srv/omni", arguments: ["--password", "/srv/omni"]) == "given ‹secret›")
    }
}
