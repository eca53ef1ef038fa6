import Analytics
import ArgumentParser
import Bridge
import Logging

/// An e-mail address as an option, normalised; another text is a usage error.
struct EmailArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        let text = ConfiguredUsers.normalised(argument)
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !text.contains(where: \.isWhitespace) else {
            return nil
        }
        self.text = text
    }
}
