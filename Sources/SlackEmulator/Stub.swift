import Hummingbird
import Sockets
