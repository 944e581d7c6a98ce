// The one script of the service: NHS.UK frontend's own behaviour. Every page works without it.
import { initAll } from './nhsuk/nhsuk-frontend-10.6.1.min.js'

initAll()
