import { promotionJourney } from './reviewed-promotion.ts';

promotionJourney('gitlab');
