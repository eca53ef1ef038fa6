import Bridge
import Foundation

/// The environment variables of the configuration: those of the process, which take precedence over those of a `.env`
/// file.
struct EnvironmentVariables: Sendable {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    /// The variables of this process, and those of the file at `dotEnv`, if there is one. Lines that cannot be parsed
    /// are warnings and are left out.
    static func load(
        process: [String: String] = ProcessInfo.processInfo.environment, dotEnv: String? = ".env"
    ) -> (EnvironmentVariables, [ConfigProblem]) {
        guard let dotEnv, let bytes = FileManager.default.contents(atPath: dotEnv) else {
            return (EnvironmentVariables(process), [])
        }
        let (lower, problems) = DotEnv.parse(String(decoding: bytes, as: UTF8.self), file: dotEnv)
        return (EnvironmentVariables(lower.merging(process) { _, upper in upper }), problems)
    }

    /// nil when the variable is unset or empty: a copied `.env.example` has empty lines.
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// The variable as a ``Secret``, which prints as ‹secret›.
    func secret(_ name: String) -> Secret? { self[name].map(Secret.init) }
}
